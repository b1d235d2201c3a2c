#pragma once
// The parser behind json_parse(); for json.cpp (objects, arrays, blanks) and json_scalars.cpp
// alone.

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/scenario/json.h"

namespace bsim {

inline bool is_json_digit(char c) {
    return c >= '0' && c <= '9';
}
inline bool is_json_word_char(char c) {
    return is_json_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
}

// Recursive descent, at most kNestingMax deep. After the first error that ends the parsing every
// function returns false.
class JsonParser {
  public:
    JsonParser(std::string_view text, const JsonOptions& options)
        : text_(text), options_(options), at_(options.from) {}

    JsonParse run() {
        JsonParse result;
        auto root = std::make_unique<JsonNode>();
        if (check_bytes() && skip_blank() && check_not_empty() && value(*root, 1) && skip_blank() &&
            check_end()) {
            json_link(*root);
            result.root = std::move(root);
        }
        result.errors = std::move(errors_);
        return result;
    }

  private:
    bool fail(std::string_view code, std::string message, std::string expected) {
        return fail_at(at_, 1, {code, 0, 0, {}, std::move(message), std::move(expected)});
    }
    bool fail_at(std::size_t offset, std::size_t length, JsonError error) {
        error.offset = offset;
        error.length = length;
        error.pointer = pointer();
        errors_.push_back(std::move(error));
        return false;
    }
    std::string pointer() const {
        std::string out;
        for (const std::string& token : path_) {
            out += "/" + token;
        }
        return out;
    }

    bool done() const { return at_ >= text_.size(); }
    char peek() const { return done() ? '\0' : text_[at_]; }
    bool starts_with(std::string_view word) const { return text_.substr(at_).starts_with(word); }

    bool check_bytes();
    bool check_not_empty();
    bool check_end();
    bool skip_blank();
    bool skip_comment();
    bool value(JsonNode& node, int depth);
    bool object(JsonNode& node, int depth);
    bool member(JsonNode& node, std::map<std::string, std::size_t>& seen, int depth);
    bool duplicate(const JsonNode& child, std::size_t first_offset);
    bool array(JsonNode& node, int depth);
    bool number(JsonNode& node);
    bool word(JsonNode& node);
    bool string(std::string& out);
    bool escape(std::string& out);
    std::optional<std::uint32_t> four_digits();
    std::string found() const;

    std::string_view text_;
    JsonOptions options_;
    std::size_t at_ = 0;
    std::size_t values_ = 0;
    std::vector<std::string> path_;
    std::vector<JsonError> errors_;
    std::optional<SourceText> lines_;
};

}  // namespace bsim
