#pragma once
// Checks a document against the table of fields: unknown and missing keys, JSON types, words,
// units, ranges, and what is not built yet. Everything is reported; nothing is returned. What ties
// several places together (a topic that a producer names) is the builders' business.

#include "sim/scenario/document.h"

namespace bsim {

void check_shape(Document& document, const Vocabulary& vocabulary);

}  // namespace bsim
