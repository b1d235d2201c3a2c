#pragma once
// JSON text as a tree in which every key and value knows where it stands. Strict RFC 8259; numbers
// keep their text, so that nothing is rounded; members keep the order of the file.
//
// Refused, each with a code of its own: an empty text, a byte order mark, NUL, invalid UTF-8,
// nesting deeper than kNestingMax, more than kValuesMax values, a key that stands twice in one
// object, text after the value. Comments (// and /* */) are accepted where the caller says so.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/diagnostic.h"

namespace bsim {

inline constexpr int kNestingMax = 64;
inline constexpr std::size_t kValuesMax = 4'000'000;

// Where a line and column are: both from 1, the column in characters.
struct TextPosition {
    int line = 1;
    int column = 1;
};

// The part of a line that a diagnostic shows: at most about 100 characters.
struct Excerpt {
    std::string text;  // "…" where the line is cut
    int caret_column = 1;
    int caret_length = 1;
};

// A text that diagnostics can point into. `text` must outlive it.
class SourceText {
  public:
    SourceText(std::string_view name, std::string_view text);

    std::string_view name() const { return name_; }
    std::string_view text() const { return text_; }
    TextPosition position(std::size_t offset) const;
    // The line around the `length` bytes from `offset` on.
    Excerpt excerpt(std::size_t offset, std::size_t length) const;

  private:
    std::string_view line_at(std::size_t offset) const;
    // Characters that begin before the offset.
    std::size_t characters_before(std::size_t offset) const;

    std::string_view name_;
    std::string_view text_;
    std::vector<std::size_t> line_starts_;
    // characters_before() of every kStride-th byte: a file may be one line of 64 MiB.
    std::vector<std::size_t> counts_;
};

struct JsonNode {
    enum class Kind : std::uint8_t { Null, Boolean, Number, String, Array, Object };

    Kind kind = Kind::Null;
    std::uint16_t source = 0;        // which of the document's texts it stands in
    std::uint32_t offset = 0;        // of the value's first byte
    std::uint32_t length = 0;        // of a scalar's token; 1 for an array or object
    std::uint32_t key_offset = 0;    // of the key's opening quote, for a member of an object
    std::uint32_t key_length = 0;    // quotes included
    std::string key;                 // decoded
    std::string text;                // a string decoded, a number or word as written
    std::vector<JsonNode> children;  // elements or members, in order
    const JsonNode* parent = nullptr;

    // The member with that key; nullptr if this has none or is no object.
    const JsonNode* find(std::string_view name) const;
    JsonNode* find(std::string_view name);
    // JSON pointer of this value in its document.
    std::string pointer() const;
};

// What json_parse found wrong, before it is tied to a file.
struct JsonError {
    std::string_view code;
    std::size_t offset = 0;
    std::size_t length = 1;
    std::string pointer;
    std::string message;
    std::string expected;
};

struct JsonOptions {
    bool comments = false;
    std::uint16_t source = 0;
    std::size_t from =
        0;  // where in the text the value begins; offsets count from the text's start
};

struct JsonParse {
    std::unique_ptr<JsonNode> root;  // null after an error that ends the parsing
    std::vector<JsonError> errors;   // duplicate keys do not end it
};

JsonParse json_parse(std::string_view text, const JsonOptions& options);
// Sets the parent of every node below root (json_parse has done so for its own).
void json_link(JsonNode& root);
// "an object", "a number", ...
std::string_view json_kind_name(JsonNode::Kind kind);
// Escapes ~ and / as a JSON pointer demands.
std::string json_pointer_token(std::string_view key);

}  // namespace bsim
