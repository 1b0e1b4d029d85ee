"""Sends notifications to subscribers' web hooks, and does not let a slow one hold up the others."""
import asyncio
import json
import random

TIMEOUT = 3600


class Subscriber:
    def __init__(self, name):
        self.name = name
        self.endpoint = 'https://%s.example/hook' % name
        self.delivered = 0
        self.answered = asyncio.Event()


class Notifier:
    def __init__(self, subscribers):
        self.subscribers = subscribers
        self._deliveries = set()

    def publish(self, event):
        subscriber = random.choice(self.subscribers)
        # The set keeps the task from being collected while it runs.
        task = asyncio.create_task(self.deliver(subscriber, event))
        self._deliveries.add(task)

    async def deliver(self, subscriber, event):
        document = {'to': subscriber.endpoint, 'event': event,
                    'text': ' '.join('%s=%s' % pair for pair in sorted(event.items()))}
        body = json.dumps(document).encode()
        await self.post(subscriber, body)
        subscriber.delivered += 1

    async def post(self, subscriber, body):
        if subscriber.name.endswith('7'):  # it accepts the connection, and never answers
            await subscriber.answered.wait()
        await asyncio.sleep(0)
        return 200, len(body)


def event(number):
    return {'id': number, 'kind': random.choice(['created', 'changed', 'deleted']),
            'payload': '%064x' % random.getrandbits(256) * 8,
            'path': '/repositories/%d/files/%d' % (number % 91, number)}


async def main():
    subscribers = [Subscriber('customer%d' % i) for i in range(200)]
    notifier = Notifier(subscribers)
    for number in range(9000):
        notifier.publish(event(number))
        if number % 100 == 0:
            await asyncio.sleep(0)
    await asyncio.sleep(0.5)
    print('ready', flush=True)
    await asyncio.Event().wait()


if __name__ == '__main__':
    asyncio.run(main())
