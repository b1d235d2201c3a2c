#include "sim/sweep/scratch.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sys/statfs.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace bsim {
namespace {

namespace fs = std::filesystem;

constexpr auto kTmpfsMagic = 0x01021994;  // linux/magic.h
constexpr const char* kMemory = "/dev/shm";

bool is_memory_with_room(const char* path, std::uint64_t bytes) {
    struct statfs about {};
    if (access(path, W_OK | X_OK) != 0 || statfs(path, &about) != 0)
        return false;
    const auto free =
        static_cast<std::uint64_t>(about.f_bavail) * static_cast<std::uint64_t>(about.f_bsize);
    return about.f_type == kTmpfsMagic && free >= bytes;
}

fs::path parent_for(std::uint64_t bytes) {
    if (is_memory_with_room(kMemory, bytes))
        return kMemory;
    const char* const named = std::getenv("TMPDIR");
    return named != nullptr && *named != '\0' ? named : "/tmp";
}

}  // namespace

Result<Scratch, std::string> Scratch::make(std::uint64_t bytes) {
    std::string name = (parent_for(bytes) / "brokersim-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr)
        return Err{name + ": " + std::strerror(errno)};
    return Scratch(name);
}

Scratch::Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}

Scratch::~Scratch() {
    std::error_code ignored;
    if (!path_.empty())
        fs::remove_all(path_, ignored);
}

void Scratch::discard(const std::string& name) const {
    std::error_code ignored;
    fs::remove_all(path_ / name, ignored);
}

}  // namespace bsim
