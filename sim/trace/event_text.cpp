#include "sim/trace/event_text.h"

#include "sim/trace/json_append.h"

namespace bsim {

void append_json(std::string& out, std::string_view text) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += kDigits[byte >> 4U];
            out += kDigits[byte & 15U];
        } else {
            out += c;
        }
    }
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
