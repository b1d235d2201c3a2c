#pragma once
// What was likely meant by a scalar that cannot stand at its place; empty if nothing is near.

#include <string>
#include <string_view>

#include "sim/scenario/document.h"

namespace bsim {

// A legal id: "my-run" for "My run".
std::string id_meant(std::string_view text);
// A number from 0 to 1: "0.05" for "5%".
std::string share_meant(const JsonNode& node);
// A selector: "broker:1" for a bare 1, as far as the cluster has such a node.
std::string node_meant(const Document& document, const JsonNode& node);

}  // namespace bsim
