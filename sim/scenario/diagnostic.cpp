#include "sim/scenario/diagnostic.h"

#include <algorithm>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/scenario/utf8.h"

namespace bsim {
namespace {

struct Paint {
    bool on;
    std::string operator()(std::string_view code, std::string_view text) const {
        return on ? fmt::format("\033[{}m{}\033[0m", code, text) : std::string(text);
    }
};
constexpr std::string_view kBold = "1";
constexpr std::string_view kRed = "1;31";
constexpr std::string_view kMagenta = "1;35";
constexpr std::string_view kGreen = "1;32";

// Blanks up to the caret; tabs are kept, so that it stands right for any tab width.
std::string indent_of(const Diagnostic& d) {
    std::string indent;
    std::string_view rest = d.excerpt;
    for (int i = 1; i < d.caret_column; ++i) {
        const std::string_view character = rest.substr(0, utf8_prefix(rest, 1));
        indent += character == "\t" ? "\t" : std::string(utf8_width(character), ' ');
        rest.remove_prefix(character.size());
    }
    return indent;
}

// As wide as what it points at.
std::string caret_of(const Diagnostic& d) {
    std::string_view rest = d.excerpt;
    rest.remove_prefix(utf8_prefix(rest, static_cast<std::size_t>(d.caret_column - 1)));
    const auto length = static_cast<std::size_t>(std::max(d.caret_length, 1));
    const std::size_t width = utf8_width(rest.substr(0, utf8_prefix(rest, length)));
    return "^" + std::string(std::max<std::size_t>(width, 1) - 1, '~');
}

// A name that is misspelt gets its correction in the sentence, a value behind an arrow.
std::string suggestion_text(const Diagnostic& d) {
    if (d.suggestion.empty()) {
        return {};
    }
    const bool value = d.code == "E0107" || d.code == "E0108";
    return fmt::format("{}did you mean \"{}\"?", value ? "   → " : "; ", d.suggestion);
}

}  // namespace

std::string format_diagnostic(const Diagnostic& d, bool color) {
    const Paint paint{color};
    const bool error = d.severity == Severity::Error;
    const std::string place =
        d.line > 0 ? fmt::format("{}:{}:{}:", d.file, d.line, d.column) : d.file + ":";
    std::string out = fmt::format("{} {} {}{}\n", paint(kBold, place),
                                  paint(error ? kRed : kMagenta, error ? "error:" : "warning:"),
                                  paint(kBold, d.message), suggestion_text(d));
    if (d.line > 0) {
        out += fmt::format("{:>5} | {}\n", d.line, d.excerpt);
        out += fmt::format("      | {}{}{}\n", indent_of(d), paint(kGreen, caret_of(d)),
                           d.pointer.empty() ? "" : " at " + d.pointer);
    }
    if (!d.expected.empty()) {
        out += fmt::format("  expected: {}\n", d.expected);
    }
    return out;
}

nlohmann::ordered_json to_json(const Diagnostic& d) {
    return {{"file", d.file},
            {"line", d.line},
            {"column", d.column},
            {"pointer", d.pointer},
            {"code", d.code},
            {"message", d.message},
            {"expected", d.expected},
            {"suggestion", d.suggestion},
            {"severity", d.severity == Severity::Error ? "error" : "warning"}};
}

}  // namespace bsim
