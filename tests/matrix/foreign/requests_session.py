"""Requests: a session that streams from a server in another thread of the process."""
import http.server
import threading

import requests
import requests.adapters


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        body = b'line\n' * 20000
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.send_header('Set-Cookie', 'name=%s' % self.path.strip('/'))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Hooked(requests.adapters.HTTPAdapter):
    def send(self, request, **more):
        response = super().send(request, **more)
        response.request_again = request
        return response


def main(tell):
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = 'http://127.0.0.1:%d/' % server.server_address[1]
    session = requests.Session()
    session.mount('http://', Hooked(pool_connections=2, max_retries=1))
    responses = [session.get(url + str(i)) for i in range(20)]
    failures = []
    try:
        session.get('http://127.0.0.1:9/', timeout=1)
    except requests.ConnectionError as error:
        failures.append(error)
    for i in range(30):  # a response and its request's hooks refer to each other
        response = session.get(url + 'dropped')
        response.me = response
    with session.get(url + 'stream', stream=True) as streamed:
        for number, line in enumerate(streamed.iter_lines()):
            if number == 100:
                tell(responses, failures, line)
