#pragma once
// What is wrong, or odd, in a scenario: where it stands, what it is and what would be right. Codes
// are stable for ever: E.... are errors, W.... warnings; explain_code() has a paragraph on each.
// Lines and columns count from 1; a column is a character (a Unicode code point) of the line.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace bsim {

enum class Severity : std::uint8_t { Error, Warning };

struct Diagnostic {
    std::string file;
    int line = 0;  // 0: the whole file is meant
    int column = 0;
    std::string pointer;     // JSON pointer (RFC 6901) of the value or key that is meant
    std::string code;        // "E0107"
    std::string message;     // one sentence without its full stop; names what was found
    std::string expected;    // what is legal here; may be empty
    std::string suggestion;  // the text to put instead; may be empty
    Severity severity = Severity::Error;
    // The part of the source line around the place ("…" where it is cut), and where in it the
    // caret stands, in characters.
    std::string excerpt;
    int caret_column = 1;
    int caret_length = 1;

    bool operator==(const Diagnostic&) const = default;
};

// The form of compilers, so that editors jump, with the source line and a caret below:
//   file:line:column: error: message; did you mean "x"?
//      31 |     {"fault": "crahs", ...
//         |               ^~~~~~~ at /faults/1/fault
//     expected: ...
// Every line ends in a line feed. `color` adds ANSI colours.
std::string format_diagnostic(const Diagnostic& diagnostic, bool color);

// {file, line, column, pointer, code, message, expected, suggestion, severity}, in this order.
nlohmann::ordered_json to_json(const Diagnostic& diagnostic);

// A paragraph for `brokersim explain CODE`; nullopt for no code of ours.
std::optional<std::string_view> explain_code(std::string_view code);
// All codes, ascending.
std::vector<std::string_view> all_codes();

}  // namespace bsim
