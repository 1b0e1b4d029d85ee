"""A chat server's core: rooms, members, and what was said to whom while he was away."""
import collections
import random
import signal
import time

Message = collections.namedtuple('Message', 'sender text moment')
PROFANITIES = frozenset('word%d' % i for i in range(500))


class Room:
    def __init__(self, name):
        self.name = name
        self.members = set()
        self.last = collections.deque(maxlen=100)


class Server:
    def __init__(self):
        self.rooms = {'room%d' % i: Room('room%d' % i) for i in range(20)}
        self.inboxes = collections.defaultdict(collections.deque)
        self.online = set()

    def join(self, user, name):
        self.rooms[name].members.add(user)

    def say(self, sender, name, text):
        room = self.rooms[name]
        message = Message(sender, text, time.time())
        room.last.append(message)
        for member in room.members:
            if member not in self.online:
                self.inboxes[member].append(Message(sender, '[%s] %s' % (name, text), time.time()))


def main():
    server = Server()
    users = ['user%d' % i for i in range(900)]
    for user in users:
        server.join(user, random.choice(list(server.rooms)))
    server.online.update(users[:600])
    for i in range(9000):
        server.say(random.choice(users), random.choice(list(server.rooms)),
                   'message %d: %s' % (i, 'lorem ipsum ' * random.randrange(9)))
    print('ready', flush=True)
    while True:
        signal.pause()


if __name__ == '__main__':
    main()
