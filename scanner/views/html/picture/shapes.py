"""The outlines of boxes, as the `d` of a path. They stay inside the box, and its sides stay where edges end."""

from scanner.views.html.picture.sketch import Shape


def outline(shape: Shape, width: float, height: float) -> str:
    w, h = width, height
    match shape:
        case "card":  # a page with a folded corner
            return f"M3 0H{w - 10:g}L{w:g} 10V{h - 3:g}q0 3 -3 3H3q-3 0 -3 -3V3q0 -3 3 -3zM{w - 10:g} 0v10h10"
        case "folder":
            return f"M3 0H{w * 0.35:g}l5 5H{w - 3:g}q3 0 3 3V{h - 3:g}q0 3 -3 3H3q-3 0 -3 -3V3q0 -3 3 -3z"
        case "pill":
            r = h / 2
            return f"M{r:g} 0H{w - r:g}a{r:g} {r:g} 0 0 1 0 {h:g}H{r:g}a{r:g} {r:g} 0 0 1 0 {-h:g}z"
        case "tag":  # points to the right
            return f"M4 0H{w - 9:g}L{w:g} {h / 2:g}L{w - 9:g} {h:g}H4q-4 0 -4 -4V4q0 -4 4 -4z"
        case "octagon":
            return f"M9 0H{w - 9:g}L{w:g} 9V{h - 9:g}L{w - 9:g} {h:g}H9L0 {h - 9:g}V9z"
        case "slanted":
            return f"M8 0H{w:g}L{w - 8:g} {h:g}H0z"
        case "stack":  # several as one
            return (
                f"M4 0H{w - 8:g}q4 0 4 4V{h - 8:g}q0 4 -4 4H4q-4 0 -4 -4V4q0 -4 4 -4z"
                f"M{w - 4:g} 4h1q3 0 3 3V{h - 4:g}q0 4 -4 4H8q-3 0 -3 -3v-1"
            )
        case "box":
            return f"M6 0H{w - 6:g}q6 0 6 6V{h - 6:g}q0 6 -6 6H6q-6 0 -6 -6V6q0 -6 6 -6z"
