#pragma once
// Runs a dump into memory, and makes files to be dumped.

#include <filesystem>
#include <string>
#include <vector>

#include "sim/app/dump_log/dump.h"
#include "sim/base/bytes.h"
#include "tests/support/temp_dir.h"

namespace bsim::dump_log::testing {

using Buffer = std::vector<std::uint8_t>;

struct Dump {
    std::string out;
    std::string complaints;
    bool clean = false;
};
Dump dump_of(const std::vector<std::string>& files, const Options& options);
Dump dump_of(const std::filesystem::path& file, const Options& options);

// What the real tool was given when it made FILE.dump.txt.
Options golden_options(const std::filesystem::path& file);

std::vector<std::string> lines_of(const std::string& text);
Buffer read_bytes(const std::filesystem::path& path);

// A folder of the test's own, removed with it.
class Folder {
  public:
    std::filesystem::path path(const std::string& name) const { return temp_ / name; }
    std::filesystem::path write(const std::string& name, ByteView bytes) const;
    // The file, and those beside it that belong to the same segment.
    std::filesystem::path copy_segment(const std::filesystem::path& from) const;

  private:
    test::TempDir temp_;
};

std::filesystem::path golden(const std::string& name);

}  // namespace bsim::dump_log::testing
