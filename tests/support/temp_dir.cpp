#include "tests/support/temp_dir.h"

#include <cerrno>
#include <filesystem>
#include <stdlib.h>
#include <system_error>

namespace bsim::test {

TempDir::TempDir(const std::string& parent) : path_(parent + "brokersim-test-XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr)
        throw std::system_error(errno, std::generic_category(), path_);
}

TempDir::~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace bsim::test
