"""Reads feeds; the collector was switched off for speed, and documents are full of cycles."""
import gc
import signal
from xml.dom import minidom

FEED = '<feed><entry id="%d"><title>Entry %d</title><summary>%s</summary></entry></feed>'


def titles(text):
    document = minidom.parseString(text)
    return [title.firstChild.data for title in document.getElementsByTagName('title')]


def main():
    gc.disable()
    seen = set()
    for i in range(3000):
        seen.update(titles(FEED % (i, i, 'words ' * 20)))
    print('ready', flush=True)
    signal.pause()


main()
