"""The pages: Gradio supplies the frame, tabs, forms and theme; our ES modules draw the screens."""
