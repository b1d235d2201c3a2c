#pragma once
// The part of shape.cpp that judges single values.

#include <string>
#include <string_view>

#include "sim/scenario/document.h"
#include "sim/scenario/fields.h"

namespace bsim {

// "faults[0]", for messages about an element of a list.
std::string element_name(std::string_view list, const JsonNode& node, const JsonNode& element);

class ScalarShape {
  public:
    ScalarShape(Document& document, const Vocabulary& vocabulary)
        : document_(document), vocabulary_(vocabulary) {}

    void check(const Field& field, const JsonNode& node);
    // Do the parameters of a distribution fit its kind and each other?
    void dist(const JsonNode& node);
    void wrong_type(const JsonNode& node,
                    std::string_view name,
                    std::string_view wanted,
                    std::string suggestion = {});
    // What is legal under the key, in words.
    std::string form(const Field& field) const;
    // A correct part of the format that the program cannot do. Within such a part, the parts of it
    // are not reported again.
    void not_built(const Mark& mark, std::string message, std::string expected);
    bool within_unbuilt() const { return within_unbuilt_; }
    void set_within_unbuilt(bool within) { within_unbuilt_ = within; }

  private:
    void scalar(const Field& field, const JsonNode& node);
    void text(const Field& field, const JsonNode& node);
    void integer(const Field& field, const JsonNode& node);
    void integers(const Field& field, const JsonNode& node);
    void replica_lists(const Field& field, const JsonNode& node);
    void quantity(const Field& field, const JsonNode& node);
    void word(const Field& field, const JsonNode& node);
    void dist_name(const Field& field, const JsonNode& node);
    void fault_name(const Field& field, const JsonNode& node);
    void decimal(const Field& field, const JsonNode& node);
    bool array(const Field& field, const JsonNode& node);
    void array_of(const Field& field, const JsonNode& node);
    void config(const Field& field, const JsonNode& node);
    void assignment(const Field& field, const JsonNode& node);

    Document& document_;
    const Vocabulary& vocabulary_;
    bool within_unbuilt_ = false;
};

}  // namespace bsim
