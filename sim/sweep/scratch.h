#pragma once
// Where the nodes' files of runs that nobody wants to keep lie: a directory of our own on a memory
// file system (/dev/shm) if there is one with room, else in TMPDIR, else in /tmp. It is gone with
// the object.

#include <cstdint>
#include <filesystem>
#include <string>

#include "sim/base/result.h"

namespace bsim {

class Scratch {
  public:
    // With at least `bytes` free, if it shall be memory. The error names the directory.
    static Result<Scratch, std::string> make(std::uint64_t bytes);
    ~Scratch();
    Scratch(Scratch&& other) noexcept;
    Scratch& operator=(Scratch&&) = delete;

    const std::filesystem::path& path() const { return path_; }
    // Removes what lies there under the name, if anything does.
    void discard(const std::string& name) const;

  private:
    explicit Scratch(std::filesystem::path path) : path_(std::move(path)) {}

    std::filesystem::path path_;
};

}  // namespace bsim
