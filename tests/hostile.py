"""Words that do something when Markdown or HTML takes them at their word."""

IMAGE = "![i](https://evil.example/x.png)"
WORDS = (
    IMAGE,
    "[l](https://evil.example)",
    "<img src=x onerror=alert(1)>",
    "<b>bold</b>",
    ":material/home:",
    ":red[r]",
    ":blue-badge[r]",
    ":help[r]",
    "$x^2$",
    "$$x^2$$",
    "https://evil.example/a",
    "WWW.evil.example",
    "a@evil.example",
    "**bold**",
    "_b_",
    "`c`",
    ":smile:",
    ":streamlit:",
    "# head",
    "> quote",
    "- item",
    "1984. A year",
    "---",
    "~~~",
    "~~s~~",
    "a\n\n# b",
    "x\n===",
    "[l]: https://evil.example",
    "<https://evil.example>",
    "&lt;b&gt;",
    "\\*x\\*",
    ':color[x]{foreground="red"}',
)
ALL = " ".join(
    (IMAGE, WORDS[1], WORDS[2], *WORDS[4:6], "$x^2$", "https://evil.example/a", "www.evil.example", "**bold**")
)
LIVE = ("![i](", "[l](http", "<img src=x", ":material/home", ":red[r]", "$x^2$", "https://evil", "www.evil", "**bold**")
