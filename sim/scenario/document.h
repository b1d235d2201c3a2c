#pragma once
// A scenario's text as a tree, overrides applied, and the diagnostics found in it. Every part of
// the validation gets a Document to read and reports into it.

#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "sim/scenario/diagnostic.h"
#include "sim/scenario/json.h"
#include "sim/scenario/scenario.h"

namespace bsim {

// A place in the document: a value, a member's key, or a part of a string value.
struct Mark {
    const JsonNode* node = nullptr;
    enum class Part : std::uint8_t { Value, Key, Inside } part = Part::Value;
    std::size_t from = 0;  // Inside: bytes of the decoded string
    std::size_t length = 0;
};
Mark at_value(const JsonNode& node);
// The key of a member; the value itself for what has no key.
Mark at_key(const JsonNode& node);
Mark at_part(const JsonNode& node, std::size_t from, std::size_t length);

// Thrown by Document::report() when there are so many errors that more would help nobody.
struct TooManyErrors {};

struct Remark {
    std::string_view code;  // E.... or W....
    Mark mark;
    std::string message;
    std::string expected = {};
    std::string suggestion = {};
};

class Document {
  public:
    // Parses the text and applies the overrides; what goes wrong is reported.
    explicit Document(const ScenarioText& input);
    Document(const Document&) = delete;
    Document& operator=(const Document&) = delete;

    // Null when the text is no JSON.
    const JsonNode* root() const { return root_.get(); }
    // The same remark at the same node counts once. `code` must be a literal. Throws TooManyErrors
    // with the 1000th error, so that a file of a million mistakes is not judged to its end; of
    // warnings, those beyond the 1000th are dropped.
    void report(Remark remark);
    bool has_errors() const { return errors_ > 0; }
    // By position (the file before the overrides), without repetitions.
    std::vector<Diagnostic> take_diagnostics();

  private:
    struct Located {
        std::size_t source;
        Diagnostic diagnostic;
    };

    void add(std::size_t source, std::size_t offset, std::size_t length, Diagnostic diagnostic);
    void add_json_error(std::size_t source, const JsonError& error);
    void apply_override(const std::string& text);
    void no_such_place(std::size_t source,
                       std::string_view pointer,
                       std::size_t at,
                       const JsonNode& parent);
    JsonNode* place_for(std::size_t source, std::string_view pointer);

    std::vector<SourceText> sources_;
    std::unique_ptr<JsonNode> root_;
    std::vector<Located> found_;
    // Source and offset of the node, code, message.
    std::set<std::tuple<int, std::uint32_t, std::string_view, std::string>> reported_;
    std::size_t errors_ = 0;
    std::size_t warnings_ = 0;
};

}  // namespace bsim
