#pragma once
// The names in those directories of a disk that its user has made or listed, kept up to date with
// what it does there. Nobody else changes a node's directories during a run, so what is known here
// need not be asked of the system: a node that opens the log of a new replica lists its directory
// five times and looks for fifteen files, nearly all of them in vain. With 30,000 replicas made,
// 1.2 of 2.7 million system calls and 0.2 of the CPU time.
// Paths are those of Disk; "" is the root.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bsim {

class KnownNames {
  public:
    // Names in a directory, sorted; nullptr if it was neither made nor listed.
    const std::vector<std::string>* in(std::string_view dir) const;
    // Whether there is such a file or directory; nullopt if that is not known.
    std::optional<bool> has(std::string_view path) const;

    void made(const std::string& dir);
    void listed(const std::string& dir, std::vector<std::string> sorted);
    // A file was made, or kept.
    void appeared(const std::string& path);
    // A file, or an empty directory.
    void removed(const std::string& path);
    // `to` may have been there before.
    void renamed(const std::string& from, const std::string& to);

  private:
    std::map<std::string, std::vector<std::string>, std::less<>> dirs_;
};

}  // namespace bsim
