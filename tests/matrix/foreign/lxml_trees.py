"""lxml: trees and their proxies, XPath, XSLT, parsers in the middle of a document."""
import io

from lxml import etree, html, objectify

STYLE = etree.XML('''<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="/"><out><xsl:value-of select="count(//item)"/></out></xsl:template>
</xsl:stylesheet>''')


class Item(etree.ElementBase):
    TAG = 'item'


class Target:
    def __init__(self):
        self.events = []

    def start(self, tag, attributes):
        self.events.append((tag, dict(attributes)))

    def end(self, tag):
        self.events.append(tag)

    def close(self):
        return self.events


def document(count):
    root = etree.Element('root', version='1')
    for i in range(count):
        item = etree.SubElement(root, 'item', number=str(i))
        item.text = 'text %d' % i
        item.append(etree.Comment('a comment'))
    return root


def dropped():
    for i in range(50):
        holder = {'tree': document(3)}
        holder['self'] = holder
        holder['elements'] = list(holder['tree'])


def main(tell):
    root = document(100)
    lookup = etree.ElementDefaultClassLookup(element=Item)
    parser = etree.XMLParser(remove_blank_text=True)
    parser.set_element_class_lookup(lookup)
    feeding = etree.XMLParser(target=Target())
    feeding.feed('<a><b c="d">')
    kept = {
        'tree': etree.ElementTree(root), 'items': list(root), 'copies': [i.attrib for i in root],
        'found': root.xpath('//item[@number > 50]'), 'xpath': etree.XPath('count(//item)'),
        'style': etree.XSLT(STYLE), 'result': etree.XSLT(STYLE)(root),
        'page': html.fromstring('<p>one<b>two</b><a href="x">three</a></p>'),
        'objects': objectify.fromstring(etree.tostring(root)),
        'custom': [etree.fromstring('<item><sub/></item>', parser) for _ in range(20)],
        'schema': etree.RelaxNG(etree.XML(
            '<element name="a" xmlns="http://relaxng.org/ns/structure/1.0"><text/></element>')),
        'feeding': feeding, 'iterators': [root.iter('item'), root.iterchildren()],
        'namespace': etree.FunctionNamespace('urn:x'),
    }
    kept['namespace']['f'] = lambda context, *rest: len(rest)
    try:
        etree.fromstring('<a><b></a>')
    except etree.XMLSyntaxError as error:
        kept['error'] = error
    dropped()
    for _, element in etree.iterparse(io.BytesIO(etree.tostring(root)), events=('end',)):
        if element.get('number') == '50':
            tell(kept, element)
