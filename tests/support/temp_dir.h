#pragma once
// A directory for one test, that no other test has, whichever run at once.

#include <string>

#include <gtest/gtest.h>

namespace bsim::test {

class TempDir {
  public:
    // In `parent`, which ends in a slash. Throws std::system_error if it cannot be made there.
    explicit TempDir(const std::string& parent = testing::TempDir());
    ~TempDir();
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;

    // Without a slash at the end.
    const std::string& path() const { return path_; }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

}  // namespace bsim::test
