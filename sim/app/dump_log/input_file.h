#pragma once
// A file of a log directory as the command line names it. Its name says what it is: `<base
// offset>.log` and so on. Files are read whole.
// Errors: Stopped.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/bytes.h"

namespace bsim::dump_log {

class InputFile {
  public:
    explicit InputFile(std::string_view path);

    // Without doubled or trailing slashes.
    const std::string& path() const { return path_; }
    std::string_view name() const;
    // From the last dot on. A name without one stops the dump.
    std::string_view suffix() const;
    // What stands before the first dot, as a number.
    std::int64_t base_offset() const;
    // The file beside it that differs in what stands behind the first dot.
    InputFile sibling(std::string_view new_suffix) const;

    std::vector<std::uint8_t> read() const;

  private:
    std::string_view stem() const;

    std::string path_;
};

}  // namespace bsim::dump_log
