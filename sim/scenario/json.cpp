#include "sim/scenario/json.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/scenario/json_parser.h"
#include "sim/scenario/utf8.h"

namespace bsim {
namespace {

constexpr std::size_t kErrorsMax = 1000;

}  // namespace

// What stands at the place of an error, for its message.
std::string JsonParser::found() const {
    if (done()) {
        return "the end of the text";
    }
    if (peek() == '"') {
        return "a quotation mark";
    }
    std::size_t end = at_;
    while (end < text_.size() && is_json_word_char(text_[end])) {
        ++end;
    }
    if (end > at_ + 1) {
        return fmt::format("\"{}\"", text_.substr(at_, std::min<std::size_t>(end - at_, 40)));
    }
    const auto byte = static_cast<unsigned char>(text_[at_]);
    if (byte < ' ' || byte == 0x7f) {
        return fmt::format("the control character U+{:04X}", byte);
    }
    return fmt::format("\"{}\"", text_.substr(at_, utf8_length(text_, at_)));
}

bool JsonParser::check_bytes() {
    if (text_.starts_with("\xef\xbb\xbf")) {
        return fail_at(0, 1,
                       {"E0004",
                        0,
                        0,
                        {},
                        "the text begins with a byte order mark",
                        "UTF-8 without a byte order mark"});
    }
    for (std::size_t i = 0; i < text_.size();) {
        if (text_[i] == '\0') {
            return fail_at(i, 1, {"E0005", 0, 0, {}, "the text holds a NUL byte", {}});
        }
        const std::size_t length = utf8_length(text_, i);
        if (length == 0) {
            return fail_at(i, 1,
                           {"E0006",
                            0,
                            0,
                            {},
                            fmt::format("byte 0x{:02x} is no valid UTF-8 here",
                                        static_cast<unsigned char>(text_[i])),
                            "UTF-8"});
        }
        i += length;
    }
    return true;
}

bool JsonParser::check_not_empty() {
    if (!done()) {
        return true;
    }
    return fail("E0003", "the text is empty", "a JSON object");
}

bool JsonParser::check_end() {
    if (done()) {
        return true;
    }
    return fail("E0010", "there is text after the end of the JSON value: " + found(),
                "nothing but white space");
}

bool JsonParser::skip_blank() {
    while (!done()) {
        const char c = peek();
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            ++at_;
        } else if (starts_with("//") || starts_with("/*")) {
            if (!skip_comment()) {
                return false;
            }
        } else {
            break;
        }
    }
    return true;
}

bool JsonParser::skip_comment() {
    if (!options_.comments) {
        return fail("E0011", "a comment is not JSON; a file that ends in .jsonc may have comments",
                    {});
    }
    const bool block = starts_with("/*");
    const std::size_t end = text_.find(block ? "*/" : "\n", at_ + 2);
    if (end == std::string_view::npos && block) {
        return fail("E0007", "this comment has no end", "*/");
    }
    at_ = end == std::string_view::npos ? text_.size() : end + (block ? 2 : 1);
    return true;
}

bool JsonParser::value(JsonNode& node, int depth) {
    if (depth > kNestingMax) {
        return fail("E0008", fmt::format("nesting is deeper than {} levels", kNestingMax), {});
    }
    if (++values_ > kValuesMax) {
        return fail("E0014", fmt::format("the text holds more than {} values", kValuesMax), {});
    }
    node.source = options_.source;
    node.offset = static_cast<std::uint32_t>(at_);
    node.length = 1;
    const char c = peek();
    bool ok = false;
    if (c == '{') {
        return object(node, depth);
    }
    if (c == '[') {
        return array(node, depth);
    }
    if (c == '"') {
        node.kind = JsonNode::Kind::String;
        ok = string(node.text);
    } else if (c == '-' || is_json_digit(c)) {
        ok = number(node);
    } else {
        ok = word(node);
    }
    node.length = static_cast<std::uint32_t>(at_ - node.offset);
    return ok;
}

bool JsonParser::object(JsonNode& node, int depth) {
    node.kind = JsonNode::Kind::Object;
    ++at_;
    std::map<std::string, std::size_t> seen;
    if (!skip_blank()) {
        return false;
    }
    if (peek() == '}') {
        ++at_;
        return true;
    }
    while (true) {
        if (!member(node, seen, depth) || !skip_blank()) {
            return false;
        }
        if (peek() == '}') {
            ++at_;
            return true;
        }
        if (peek() != ',') {
            return fail("E0007", "expected a comma or the end of the object, found " + found(),
                        ", or }");
        }
        ++at_;
        if (!skip_blank()) {
            return false;
        }
        if (peek() == '}') {
            return fail("E0007", "a comma before the end of an object is not JSON", {});
        }
    }
}

bool JsonParser::member(JsonNode& node, std::map<std::string, std::size_t>& seen, int depth) {
    if (peek() != '"') {
        return fail("E0007", "expected a key in quotation marks, found " + found(),
                    "\"key\": value");
    }
    JsonNode child;
    child.key_offset = static_cast<std::uint32_t>(at_);
    if (!string(child.key)) {
        return false;
    }
    child.key_length = static_cast<std::uint32_t>(at_ - child.key_offset);
    const auto [first, is_new] = seen.emplace(child.key, child.key_offset);
    path_.push_back(json_pointer_token(child.key));
    if (!is_new && !duplicate(child, first->second)) {
        return false;
    }
    if (!skip_blank()) {
        return false;
    }
    if (peek() != ':') {
        return fail("E0007", "expected a colon after the key, found " + found(), ":");
    }
    ++at_;
    if (!skip_blank() || !value(child, depth + 1)) {
        return false;
    }
    path_.pop_back();
    if (is_new) {
        node.children.push_back(std::move(child));
    }
    return true;
}

// Reports a key that stands twice; parsing goes on, unless there are very many of them.
bool JsonParser::duplicate(const JsonNode& child, std::size_t first_offset) {
    if (!lines_) {
        lines_.emplace(std::string_view{}, text_);
    }
    const TextPosition before = lines_->position(first_offset);
    fail_at(child.key_offset, child.key_length,
            {"E0009",
             0,
             0,
             {},
             fmt::format("duplicate key \"{}\" (first at {}:{})", child.key, before.line,
                         before.column),
             {}});
    return errors_.size() < kErrorsMax;
}

bool JsonParser::array(JsonNode& node, int depth) {
    node.kind = JsonNode::Kind::Array;
    ++at_;
    if (!skip_blank()) {
        return false;
    }
    if (peek() == ']') {
        ++at_;
        return true;
    }
    while (true) {
        path_.push_back(std::to_string(node.children.size()));
        JsonNode element;
        if (!value(element, depth + 1)) {
            return false;
        }
        node.children.push_back(std::move(element));
        path_.pop_back();
        if (!skip_blank()) {
            return false;
        }
        if (peek() == ']') {
            ++at_;
            return true;
        }
        if (peek() != ',') {
            return fail("E0007", "expected a comma or the end of the array, found " + found(),
                        ", or ]");
        }
        ++at_;
        if (!skip_blank()) {
            return false;
        }
        if (peek() == ']') {
            return fail("E0007", "a comma before the end of an array is not JSON", {});
        }
    }
}

JsonParse json_parse(std::string_view text, const JsonOptions& options) {
    return JsonParser(text, options).run();
}

}  // namespace bsim
