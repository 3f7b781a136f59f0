"""A picture of benchmarks: bars in groups, each group with a scale of its own, as SVG for light and dark pages."""
from html import escape

WIDTH, LABELS, ROW, BAR = 760, 170, 24, 16
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600 }
  .value { font-variant-numeric: tabular-nums; fill: #59636e }
  .bar { fill: #afb8c1 }
  .bar.ours { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .value { fill: #9198a1 }
    .bar { fill: #565d66 }
    .bar.ours { fill: #4493f8 }
  }"""


def bar_chart(description, groups, ours):
    """`groups`: {title: {name: value}}; the bars called `ours` stand out."""
    parts, top = [], 0
    for title, bars in groups.items():
        top += 30
        parts.append(f'<text class="title" x="0" y="{top}">{escape(title)}</text>')
        top += 12
        longest = max(bars.values())
        for name, value in bars.items():
            width = max(1, (WIDTH - LABELS - 80) * value / longest)
            middle = top + ROW / 2
            parts += [f'<text x="{LABELS - 10}" y="{middle + 4.5:g}" text-anchor="end">{escape(name)}</text>',
                      f'<rect class="bar{" ours" if name == ours else ""}" x="{LABELS}" y="{middle - BAR / 2:g}"'
                      f' width="{width:.1f}" height="{BAR}" rx="2"/>',
                      f'<text class="value" x="{LABELS + width + 8:.1f}" y="{middle + 4.5:g}">{value:,.0f}</text>']
            top += ROW
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top + 10}" role="img">',
                      f"<title>{escape(description)}</title>", f"<style>{STYLE}\n</style>", *parts, "</svg>", ""])
