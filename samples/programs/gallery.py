"""A gallery keeps the top of each picture for its index; the rest is kept with it."""
import signal

import raster


class Gallery:
    def __init__(self):
        self.previews = {}

    def add(self, name):
        picture = raster.Image(400, 300)
        self.previews[name] = picture.crop(20)


gallery = Gallery()


def main():
    for number in range(300):
        gallery.add('picture %d' % number)
    print('ready', flush=True)
    signal.pause()


main()
