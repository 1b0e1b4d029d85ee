"""A mail client: windows listen for a new theme, and nobody takes them off when they close."""
import signal


class Signals:
    def __init__(self):
        self.receivers = {}

    def connect(self, name, receiver):
        self.receivers.setdefault(name, []).append(receiver)

    def send(self, name, **arguments):
        for receiver in self.receivers.get(name, ()):
            receiver(**arguments)


signals = Signals()


class Row:
    def __init__(self, number, subject):
        self.number, self.subject = number, subject
        self.cells = [subject, 'sender-%d@example.org' % number, '%d KB' % (number * 7)]


class Window:
    def __init__(self, folder, messages):
        self.folder, self.theme = folder, None
        self.rows = [Row(i, '%s: message %d' % (folder, i)) for i in range(messages)]
        signals.connect('theme-changed', self.repaint)

    def repaint(self, theme):
        self.theme = theme

    def close(self):
        self.folder = None


def main():
    for i in range(2500):
        window = Window('folder %d' % i, 20)
        window.close()
    signals.send('theme-changed', theme='dark')
    print('ready', flush=True)
    signal.pause()


main()
