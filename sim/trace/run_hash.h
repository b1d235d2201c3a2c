#pragma once
// XXH3-128, streamed: the run hash and the hash of a scenario file. Equal bytes give equal digests
// on every machine, however they are cut into updates.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace bsim {

class RunHash {
  public:
    RunHash();
    ~RunHash();
    RunHash(RunHash&&) noexcept;
    RunHash& operator=(RunHash&&) noexcept;

    void update(std::string_view bytes);
    // 32 lower-case hex digits, as `xxhsum -H2` prints them; may be asked for at any time.
    std::string hex() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// The digest of one byte string.
std::string xxh3_128_hex(std::string_view bytes);
// The 64-bit XXH3 of one byte string.
std::uint64_t xxh3_64(std::string_view bytes);

}  // namespace bsim
