#pragma once
// Reads the vectors that real Kafka classes gave (tests/data), and holds any generated message.

#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/base/bytes.h"
#include "sim/wire/message_json.h"

namespace bsim::wire::testing {

using Json = nlohmann::ordered_json;
using Buffer = std::vector<std::uint8_t>;

// The lines of a .jsonl file below tests/data.
std::vector<Json> read_lines(const std::string& path);
Buffer read_file(const std::string& path);
Buffer from_hex(const std::string& hex);
std::string to_hex(ByteView bytes);

// A message of a type known by name only.
class AnyMessage {
  public:
    virtual ~AnyMessage() = default;
    virtual void decode_from(ByteReader& in, std::int16_t version) = 0;
    virtual Buffer encoded(std::int16_t version) const = 0;
    virtual std::size_t size(std::int16_t version) const = 0;
    virtual Json json(std::int16_t version) const = 0;
    virtual std::int16_t min_version() const = 0;
    virtual std::int16_t max_version() const = 0;
};

// Null if there is no such message.
std::unique_ptr<AnyMessage> make_message(const std::string& name);
std::vector<std::string> message_names();

}  // namespace bsim::wire::testing
