"""PyYAML, its C parser and the Python one, in the middle of a document."""
import yaml

TEXT = '''
- &a {name: first, list: [1, 2.5, yes, null], when: 2020-01-02}
- *a
- !!set {x, y}
- |
  text
  of lines
- ? [complex, key]
  : value
'''


class Thing(yaml.YAMLObject):
    yaml_tag = '!thing'

    def __init__(self, parts):
        self.parts = parts


def main(tell):
    base = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)
    loaded = [yaml.load(TEXT.replace('? [complex, key]', '? complex'), Loader=loader)
              for loader in (base, yaml.SafeLoader) for _ in range(20)]
    nodes = yaml.compose(TEXT, Loader=base)
    things = yaml.dump([Thing([i, {'k': i}]) for i in range(20)])
    loaded.append(yaml.load(things, Loader=yaml.UnsafeLoader))
    for i in range(100):
        thing = Thing([i])
        thing.parts.append(thing)
    loaders = [base(TEXT), yaml.SafeLoader(TEXT)]
    for loader in loaders:
        loader.get_event()
        loader.get_event()
    dumper = getattr(yaml, 'CSafeDumper', yaml.SafeDumper)(open('/dev/null', 'w'))
    dumper.open()
    dumper.represent({'a': [1, 2]})
    for number, event in enumerate(yaml.parse(TEXT, Loader=base)):
        if number == 10:
            tell(loaded, nodes, event)
