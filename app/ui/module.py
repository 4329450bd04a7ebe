"""A place on a page that one of our ES modules fills."""

from __future__ import annotations

import gradio as gr


def module(file: str, name: str) -> gr.HTML:
    """Make the component in which ``ui/<file>`` mounts itself.

    A factory, not a subclass: a subclass of a Gradio component writes a file beside its source when imported.
    The template holds no data: Gradio would execute a template expression inside a name someone typed.

    Args:
        file: module in ``app/static`` that exports ``mount(root)``.
        name: class of the root element, and the component's element id.
    """
    return gr.HTML(
        html_template=f'<div class="{name}"></div>',
        js_on_load=f"""
            const root = element.querySelector('.{name}');
            import(new URL('ui/screen_part.js', document.baseURI)).then(
                (part) => part.fill(root, '{file}'),
                () => {{
                    root.textContent = 'SSD Studio did not load. Start it again, then reload the page.';
                }},
            );
        """,
        elem_id=name,
        apply_default_css=False,
        padding=False,
        container=False,
    )
