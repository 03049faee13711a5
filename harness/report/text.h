// The forms a text of a report takes on its way out: JSON, HTML, Markdown, a terminal. Reports hold
// names that came from file systems and messages that came from programs, so no form trusts them.
// Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

namespace robosync::parity {

// UTF-8 that shows what `text` holds and does nothing else: bytes that are not UTF-8, control
// characters and characters that reorder or hide what follows become "\xNN" per byte. A line feed
// stays.
[[nodiscard]] std::string printable(std::string_view text);

// printable(), with the five characters that HTML gives a meaning escaped: good for element content
// and for attributes in either quote.
[[nodiscard]] std::string html_text(std::string_view text);

// printable() on one line, with what Markdown, a table cell or a forge's mentions would obey
// escaped.
[[nodiscard]] std::string markdown_text(std::string_view text);

}  // namespace robosync::parity
