#pragma once
// The part of shape.cpp that judges single values.

#include <string>
#include <string_view>

#include "sim/scenario/document.h"
#include "sim/scenario/fields.h"

namespace bsim {

class ScalarShape {
  public:
    explicit ScalarShape(Document& document) : document_(document) {}

    void check(const Field& field, const JsonNode& node);
    // Do the parameters of a distribution fit its kind and each other?
    void dist(const JsonNode& node);
    void wrong_type(const JsonNode& node, std::string_view name, std::string_view wanted);
    // What is legal under the key, in words.
    std::string form(const Field& field) const;

  private:
    void text(const Field& field, const JsonNode& node);
    void integer(const Field& field, const JsonNode& node);
    void integers(const Field& field, const JsonNode& node);
    void quantity(const Field& field, const JsonNode& node);
    void word(const Field& field, const JsonNode& node);
    void config(const Field& field, const JsonNode& node);
    void assignment(const Field& field, const JsonNode& node);

    Document& document_;
};

}  // namespace bsim
