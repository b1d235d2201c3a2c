#include "sim/trace/event_text.h"

#include <algorithm>

#include "sim/trace/json_append.h"

namespace bsim {

namespace {

// The first character that needs one.
std::string_view::const_iterator find_escape(std::string_view text) {
    return std::find_if(text.begin(), text.end(), [](char c) {
        return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
    });
}

void append_escaped(std::string& out, char c) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
        out += "\\u00";
        out += kDigits[byte >> 4U];
        out += kDigits[byte & 15U];
    } else {
        out += '\\';
        out += c;
    }
}

}  // namespace

void append_json(std::string& out, std::string_view text) {
    out += '"';
    // What lies between two escapes, mostly all, is copied as a whole.
    for (auto at = find_escape(text); at != text.end(); at = find_escape(text)) {
        const auto clean = static_cast<std::size_t>(at - text.begin());
        out += text.substr(0, clean);
        append_escaped(out, *at);
        text.remove_prefix(clean + 1);
    }
    out += text;
    out += '"';
}

void append_canonical(std::string& out, const Event& event) {
    std::visit([&](const auto& body) { append_canonical_body(out, event.t, event.n, body); },
               event.body);
}

void append_line(std::string& out, const Event& event, std::string_view canonical) {
    out += "{\"i\":";
    append_json(out, event.i);
    out += ',';
    out += canonical;
    out += ",\"c\":";
    append_json(out, event.c);
    out += "}\n";
}

std::string write_event(const Event& event) {
    std::string canonical;
    append_canonical(canonical, event);
    std::string line;
    append_line(line, event, canonical);
    return line;
}

}  // namespace bsim
