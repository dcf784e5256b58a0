"""A chart (SVG) of the gap between solution and bound over time, with a line for each problem."""

Course = list[list[float]]
WIDTH, HEIGHT, EDGE = 640, 320, 48
COLOURS = ("#1b6ca8", "#b5541c", "#2f7d4f", "#7a4fa3", "#8a7414")


def picture(title: str, courses: list[Course]) -> str:
    longest = max((point[0] for course in courses for point in course), default=1.0)
    most = max(1.0, min(100.0, max((point[1] for course in courses for point in course), default=1.0)))

    def place(seconds: float, left: float) -> str:
        x = EDGE + (WIDTH - 2 * EDGE) * seconds / longest
        y = HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * min(left, most) / most
        return f"{x:.1f},{y:.1f}"

    lines = [
        f'<polyline fill="none" stroke="{COLOURS[number % len(COLOURS)]}" stroke-width="1.5" points="'
        + " ".join(place(*point) for point in course[:: max(1, len(course) // 200)] + course[-1:])
        + '"/>'
        for number, course in enumerate(courses)
    ]
    marks = [
        _words(EDGE - 6, HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * share + 4, f"{most * share:.3g} %", "end")
        + _words(EDGE + (WIDTH - 2 * EDGE) * share, HEIGHT - EDGE + 18, f"{longest * share:.0f} s", "middle")
        for share in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    frame = f'<path d="M{EDGE} {EDGE}V{HEIGHT - EDGE}H{WIDTH - EDGE}" fill="none" stroke="#555"/>'
    font = 'font-family="sans-serif" font-size="12"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {font}>'
    words = _words(WIDTH / 2, 24, f"{title}: share of the room that is left, against time", "middle")
    return "\n".join(
        [head, f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>', words, frame, *marks, *lines, "</svg>\n"]
    )


def _words(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="#222">{words}</text>'
