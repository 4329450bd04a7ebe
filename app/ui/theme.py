"""The look of the frame: one accent, system fonts, nothing fetched from elsewhere."""

from __future__ import annotations

import gradio as gr

#: Gradio measures its tabs once and puts those that find no room into a menu for good. What makes them fit a
#: phone has to be in the page before that, so that it cannot be in a file that comes later.
TABS_OF_A_PHONE = """<style>
@media (max-width: 640px) {
  #studio-tabs .tab-container button { padding-inline: 3.5px; font-size: 12px; letter-spacing: -0.02em; }
  .gradio-container .main.app.main { padding: 0 12px 12px; }
}
</style>"""

#: Only static text of ours; styles, modules and pictures come from this server.
HEAD = (
    '<meta name="color-scheme" content="light dark">'
    f"{TABS_OF_A_PHONE}"
    '<link rel="stylesheet" href="ui/studio.css">'
    '<link rel="modulepreload" href="ui/store.js">'
)


def studio_theme() -> gr.themes.Base:
    """Gradio's base theme in slate and blue, with the fonts that the machine has."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.blue,
        secondary_hue=gr.themes.colors.slate,
        neutral_hue=gr.themes.colors.slate,
        radius_size=gr.themes.sizes.radius_md,
        font=["Inter", "ui-sans-serif", "system-ui", "Segoe UI", "Roboto", "sans-serif"],
        font_mono=["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"],
    )
