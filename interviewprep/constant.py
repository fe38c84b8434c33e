"""Template tags for what need not be rendered again: the same for everybody, or twice on one page.

    {% constant forward_only=session.is_forward_only %} … {% if forward_only %} … {% endconstant %}

The body sees its own arguments as True or False and nothing else of the page, so nothing of a person can get into it,
and there are only so many variants. It is rendered once per language and process, then only copied.

    {% once as links %} … {% endonce %} {{ links }} … {{ links }}

This one is of the page like everything around it.
"""

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token, token_kwargs
from django.template.context import Context
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


class ConstantNode(template.Node):
    def __init__(self, nodelist: NodeList, arguments: dict[str, FilterExpression]) -> None:
        self.nodelist = nodelist
        self.arguments = arguments
        self.rendered: dict[tuple[str | None, ...], SafeString] = {}

    def render(self, context: Context) -> SafeString:
        values = {name: bool(value.resolve(context)) for name, value in self.arguments.items()}
        key = (get_language(), *(name for name, value in values.items() if value))
        if key not in self.rendered:
            self.rendered[key] = self.nodelist.render(context.new(values))
        return self.rendered[key]


@register.tag
def constant(parser: Parser, token: Token) -> ConstantNode:
    """Parse `{% constant [name=expression …] %} … {% endconstant %}`."""
    bits = token.split_contents()[1:]
    arguments = token_kwargs(bits, parser)
    if bits:
        raise template.TemplateSyntaxError(f"constant takes name=expression, not {bits[0]!r}")
    nodelist = parser.parse(("endconstant",))
    parser.delete_first_token()
    return ConstantNode(nodelist, arguments)


@register.simple_block_tag
def once(content: SafeString) -> SafeString:
    """Keep what was rendered under a name, for a page that shows it in two places."""
    return content
