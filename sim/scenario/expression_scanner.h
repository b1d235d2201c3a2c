#pragma once
// The tokens of an expression, one ahead.

#include <string_view>

#include "sim/scenario/text_part.h"

namespace bsim {

class ExpressionScanner {
  public:
    explicit ExpressionScanner(std::string_view text) : text_(text) {}

    // Every reader skips blanks first. They return an empty part (length 0) where nothing fits.
    bool at_end();
    // The next character; 0 at the end.
    char peek();
    // Takes the text if it comes next.
    bool take(std::string_view punctuation);
    // Takes the word if it comes next as a whole word.
    bool take_word(std::string_view word);
    // Letters, digits, _ . and -, beginning with a letter or _. Letters beyond ASCII are taken for
    // the messages' sake: no word of the language has them.
    TextPart word();
    // A number with whatever is glued to it: 3, -1, 250ms, 1.5h.
    TextPart number();
    // Everything up to the next of `ends` outside of quotation marks, without blanks around it; in
    // quotation marks (" or ') the text between them.
    TextPart raw(std::string_view ends);
    // The next token, for messages: a word, a number or one character.
    TextPart next_token() const;
    // Passes over all up to the ")" that closes what is open; false if there is none.
    bool skip_to_closing();

    std::size_t position();  // of the next token
    std::size_t end_of_last() const { return last_end_; }
    std::string_view at(TextPart part) const { return text_.substr(part.from, part.length); }

  private:
    void skip_blanks();
    TextPart advance(std::size_t from, std::size_t to);

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t last_end_ = 0;
};

}  // namespace bsim
