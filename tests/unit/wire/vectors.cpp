#include "tests/unit/wire/vectors.h"

#include "sim/wire/messages/all.h"

namespace bsim::wire::testing {
namespace {

template <class T>
class Holder final : public AnyMessage {
  public:
    void decode_from(ByteReader& in, std::int16_t version) override {
        decode(in, version, message_);
    }
    Buffer encoded(std::int16_t version) const override {
        ByteWriter out;
        encode(message_, version, out);
        return out.take();
    }
    std::size_t size(std::int16_t version) const override {
        return encoded_size(message_, version);
    }
    Json json(std::int16_t version) const override { return to_json(message_, version); }
    std::int16_t min_version() const override { return T::kMinVersion; }
    std::int16_t max_version() const override { return T::kMaxVersion; }

  private:
    T message_;
};

template <class T>
std::unique_ptr<AnyMessage> make() {
    return std::make_unique<Holder<T>>();
}

using Maker = std::unique_ptr<AnyMessage> (*)();

const std::map<std::string, Maker>& makers() {
#define BSIM_ROW(type) {#type, &make<type>},
    static const std::map<std::string, Maker> rows{BSIM_WIRE_MESSAGES(BSIM_ROW)};
#undef BSIM_ROW
    return rows;
}

}  // namespace

std::vector<Json> read_lines(const std::string& path) {
    std::ifstream file(std::string(BSIM_TEST_DATA) + "/" + path);
    EXPECT_TRUE(file.good()) << path;
    std::vector<Json> lines;
    for (std::string line; std::getline(file, line);)
        lines.push_back(Json::parse(line));
    return lines;
}

Buffer read_file(const std::string& path) {
    std::ifstream file(std::string(BSIM_TEST_DATA) + "/" + path, std::ios::binary);
    EXPECT_TRUE(file.good()) << path;
    return Buffer(std::istreambuf_iterator<char>(file), {});
}

Buffer from_hex(const std::string& hex) {
    Buffer bytes;
    for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(at, 2), nullptr, 16)));
    }
    return bytes;
}

std::string to_hex(ByteView bytes) {
    const char* digits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

std::unique_ptr<AnyMessage> make_message(const std::string& name) {
    const auto found = makers().find(name);
    return found == makers().end() ? nullptr : found->second();
}

std::vector<std::string> message_names() {
    std::vector<std::string> names;
    for (const auto& [name, maker] : makers())
        names.push_back(name);
    return names;
}

}  // namespace bsim::wire::testing
