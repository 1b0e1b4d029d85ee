"""A small site over http.server: templates, sessions with a limit, and a cache of rendered pages."""
import collections
import hashlib
import http.client
import http.server
import json
import random
import signal
import threading
import time

TEMPLATE = '<html><head><title>{title}</title></head><body>{body}</body></html>'
SETTINGS = {
    'site': 'Fjord Outdoor',
    'currency': 'NOK',
    'features': {'reviews': True, 'recommendations': False},
    'languages': ['nb', 'nn', 'en', 'de'],
}


class Response:
    def __init__(self, status, body, headers):
        self.status = status
        self.body = body
        self.headers = headers
        self.created = time.time()


class PageCache:
    """Rendered pages by URL."""

    def __init__(self):
        self._entries = {}
        self.hits = self.misses = 0

    def get(self, url):
        found = self._entries.get(url)
        if found:
            self.hits += 1
        else:
            self.misses += 1
        return found

    def put(self, url, response):
        self._entries[url] = response


class SessionStore:
    LIMIT = 500

    def __init__(self):
        self._sessions = collections.OrderedDict()

    def open(self, user):
        token = hashlib.sha1(user.encode()).hexdigest()
        self._sessions[token] = {'user': user, 'cart': [], 'seen': time.time()}
        while len(self._sessions) > self.LIMIT:
            self._sessions.popitem(last=False)
        return token


class Application:
    def __init__(self):
        self.cache = PageCache()
        self.sessions = SessionStore()
        self.products = {i: {'name': 'Product %d' % i, 'price': 99 + i, 'tags': ['t%d' % (i % 40)]}
                         for i in range(3000)}

    def render(self, url):
        number = int(url.split('?')[0].rsplit('/', 1)[1])
        product = self.products[number % len(self.products)]
        items = ''.join('<li>%s %d</li>' % (product['name'], i) for i in range(40))
        body = TEMPLATE.format(title=product['name'], body=items)
        return Response(200, body.encode(), {'Content-Type': 'text/html', 'ETag': '"%x"' % number})

    def handle(self, url, user):
        self.sessions.open(user)
        response = self.cache.get(url)
        if response is None:
            response = self.render(url)
            self.cache.put(url, response)
        return response


application = Application()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == '/settings':
            response = Response(200, json.dumps(SETTINGS).encode(), {})
        else:
            response = application.handle(self.path, self.headers.get('X-User', 'guest'))
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header('Content-Length', str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body)

    def log_message(self, *arguments):
        pass


def visit(port, requests):
    """A crawler follows every link with its tracking parameter."""
    connection = http.client.HTTPConnection('127.0.0.1', port)
    for _ in range(requests):
        connection.request('GET', '/product/%d?ref=%08x' % (random.randrange(3000),
                                                            random.getrandbits(32)))
        connection.getresponse().read()
        connection.close()


def main():
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    visit(server.server_port, 100)
    for i in range(12000):
        application.handle('/product/%d?ref=%08x' % (i % 3000, random.getrandbits(32)),
                           'user%d' % (i % 900))
    print('ready', flush=True)
    while True:
        signal.pause()


if __name__ == '__main__':
    main()
