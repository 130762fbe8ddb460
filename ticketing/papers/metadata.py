"""What a document says of itself to archives (XMP, PDF/A-2u); its time is given."""

from datetime import UTC, datetime
from xml.sax.saxutils import escape

_PACKET = """<x:xmpmeta xmlns:x="adobe:ns:meta/">
  <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
    <rdf:Description rdf:about=""
        xmlns:dc="http://purl.org/dc/elements/1.1/"
        xmlns:xmp="http://ns.adobe.com/xap/1.0/"
        xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
        xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
      <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
      <xmp:CreatorTool>{tool}</xmp:CreatorTool>
      <xmp:CreateDate>{at}</xmp:CreateDate>
      <xmp:ModifyDate>{at}</xmp:ModifyDate>
      <xmp:MetadataDate>{at}</xmp:MetadataDate>
      <pdf:Producer>{tool}</pdf:Producer>
      <pdfaid:part>2</pdfaid:part>
      <pdfaid:conformance>U</pdfaid:conformance>
    </rdf:Description>
  </rdf:RDF>
</x:xmpmeta>"""


def metadata(title: str, tool: str, made_at: datetime) -> str:
    """The XMP packet; ``tool`` must be the document's creator and producer."""
    at = made_at.astimezone(UTC).isoformat(timespec="seconds")
    return _PACKET.format(title=escape(title), tool=escape(tool), at=at)
