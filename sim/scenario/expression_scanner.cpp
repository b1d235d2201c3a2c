#include "sim/scenario/expression_scanner.h"

#include <algorithm>

#include "sim/scenario/utf8.h"

namespace bsim {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_word(char c) {
    return is_letter(c) || is_digit(c) || c == '.' || c == '-';
}
// Bytes of the letter beyond ASCII that stands there (ö, я, 字); 0 for anything else, such as the
// signs and spaces from U+2000 on.
std::size_t foreign_letter(std::string_view text, std::size_t at) {
    constexpr unsigned char kFirst = 0xc3;  // U+00C0
    constexpr unsigned char kSigns = 0xe2;  // U+2000 to U+2FFF
    const auto lead = static_cast<unsigned char>(text[at]);
    return lead >= kFirst && lead != kSigns ? utf8_length(text, at) : 0;
}
bool is_quote(char c) {
    return c == '"' || c == '\'';
}

}  // namespace

void ExpressionScanner::skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) {
        ++at_;
    }
}

TextPart ExpressionScanner::advance(std::size_t from, std::size_t to) {
    at_ = to;
    last_end_ = to;
    return {from, to - from};
}

bool ExpressionScanner::at_end() {
    skip_blanks();
    return at_ == text_.size();
}

char ExpressionScanner::peek() {
    return at_end() ? '\0' : text_[at_];
}

std::size_t ExpressionScanner::position() {
    skip_blanks();
    return at_;
}

bool ExpressionScanner::take(std::string_view punctuation) {
    skip_blanks();
    if (!text_.substr(at_).starts_with(punctuation)) {
        return false;
    }
    advance(at_, at_ + punctuation.size());
    return true;
}

bool ExpressionScanner::take_word(std::string_view word) {
    skip_blanks();
    const std::string_view rest = text_.substr(at_);
    if (!rest.starts_with(word) || (rest.size() > word.size() && is_word(rest[word.size()]))) {
        return false;
    }
    advance(at_, at_ + word.size());
    return true;
}

TextPart ExpressionScanner::word() {
    skip_blanks();
    std::size_t end = at_;
    if (end < text_.size() && (is_letter(text_[end]) || foreign_letter(text_, end) > 0)) {
        while (end < text_.size() && (is_word(text_[end]) || foreign_letter(text_, end) > 0)) {
            end += std::max<std::size_t>(foreign_letter(text_, end), 1);
        }
    }
    return advance(at_, end);
}

TextPart ExpressionScanner::number() {
    skip_blanks();
    std::size_t end = at_;
    if (end < text_.size() && text_[end] == '-') {
        ++end;
    }
    if (end == text_.size() || !is_digit(text_[end])) {
        return {at_, 0};
    }
    const auto glued = [](char c) {
        return is_letter(c) || is_digit(c) || c == '.' || static_cast<unsigned char>(c) >= 0x80;
    };
    while (end < text_.size() && glued(text_[end])) {
        ++end;
    }
    return advance(at_, end);
}

TextPart ExpressionScanner::raw(std::string_view ends) {
    skip_blanks();
    const std::size_t from = at_;
    if (at_ < text_.size() && is_quote(text_[at_])) {
        const std::size_t close = text_.find(text_[at_], at_ + 1);
        if (close != std::string_view::npos) {
            advance(from, close + 1);
            return {from + 1, close - from - 1};
        }
    }
    const std::size_t end = std::min(text_.find_first_of(ends, from), text_.size());
    TextPart part = advance(from, end);
    while (part.length > 0 && is_blank(text_[part.from + part.length - 1])) {
        --part.length;
    }
    return part;
}

TextPart ExpressionScanner::next_token() const {
    ExpressionScanner copy = *this;
    copy.skip_blanks();
    for (const TextPart part : {copy.word(), copy.number()}) {
        if (part.length > 0) {
            return part;
        }
    }
    const std::size_t length =
        copy.at_ == text_.size() ? 0 : std::max<std::size_t>(utf8_length(text_, copy.at_), 1);
    return {copy.at_, length};
}

bool ExpressionScanner::skip_to_closing() {
    int depth = 1;
    while (at_ < text_.size()) {
        const char c = text_[at_];
        if (is_quote(c)) {
            at_ = std::min(text_.find(c, at_ + 1), text_.size() - 1);
        }
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        advance(at_, at_ + 1);
        if (depth == 0) {
            return true;
        }
    }
    return false;
}

}  // namespace bsim
