from pygments.lexers.special import TextLexer
from sphinx.highlighting import lexers

project = "A merge"
html_css_files = ["https://cdn.jsdelivr.net/npm/eyas@0.1/eyas-widget.css"]
html_js_files = [("https://cdn.jsdelivr.net/npm/eyas@0.1/eyas-widget.js", {"type": "module"})]
# Pygments has no lexer of this name. TextLexer leaves the block without highlighting.
lexers["eyas"] = TextLexer()
