"""What a template calls constant is rendered once, and never carries anything of a person."""

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation


def test_the_body_is_rendered_once_and_then_copied() -> None:
    template = Template("{% constant %}{% translate 'Save' %} {% now 'u' %}{% endconstant %}")
    assert template.render(Context()) == template.render(Context())


def test_the_body_sees_nothing_of_the_page() -> None:
    template = Template("{% constant %}[{{ name }}]{% endconstant %}")
    assert template.render(Context({"name": "Ada"})) == "[]"


def test_each_variant_has_a_rendering_of_its_own_and_values_do_not_get_in() -> None:
    template = Template(
        "{% constant open=state %}{% if open %}open {{ open }}{% else %}closed{% endif %}{% endconstant %}"
    )
    assert [template.render(Context({"state": state})) for state in ("Ada's", "", "Bo's")] == [
        "open True",
        "closed",
        "open True",
    ]


def test_each_language_has_a_rendering_of_its_own() -> None:
    template = Template("{% constant %}{% translate 'Yes' %}{% endconstant %}")
    with translation.override("de"):
        german = template.render(Context())
    with translation.override("en"):
        assert template.render(Context()) == "Yes"
    assert german == "Ja"


def test_anything_but_named_arguments_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError, match="name=expression"):
        Template("{% constant open %}{% endconstant %}")


def test_what_is_shown_twice_is_rendered_once_and_escaped_once() -> None:
    class Counted:
        calls = 0

        def name(self) -> str:
            self.calls += 1
            return "A & B"

    counted = Counted()
    template = Template("{% once as names %}<b>{{ counted.name }}</b>{% endonce %}{{ names }}{{ names }}")
    assert template.render(Context({"counted": counted})) == 2 * "<b>A &amp; B</b>"
    assert counted.calls == 1
