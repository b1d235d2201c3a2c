#include "sim/app/dump_log/input_file.h"

#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <system_error>

#include "sim/app/dump_log/java_text.h"
#include "sim/app/dump_log/stopped.h"

namespace bsim::dump_log {
namespace {

// A FileRecords counts in 32 bits.
constexpr std::uintmax_t kLargest = INT32_MAX;

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

std::string without_needless_slashes(std::string_view path) {
    std::string clean;
    for (const char c : path) {
        if (c != '/' || !clean.ends_with('/'))
            clean += c;
    }
    if (clean.size() > 1 && clean.ends_with('/'))
        clean.pop_back();
    return clean;
}

}  // namespace

InputFile::InputFile(std::string_view path) : path_(without_needless_slashes(path)) {}

std::string_view InputFile::name() const {
    const std::string_view path = path_;
    return path.substr(path.rfind('/') + 1);
}

std::string_view InputFile::suffix() const {
    const std::string_view all = name();
    const std::size_t dot = all.rfind('.');
    if (dot == std::string_view::npos)
        throw Stopped("the name has no suffix, which tells the kind of file");
    return all.substr(dot);
}

std::string_view InputFile::stem() const {
    const std::string_view all = name();
    return all.substr(0, all.find('.'));
}

std::int64_t InputFile::base_offset() const {
    const auto offset = parse_long(stem());
    if (!offset)
        throw Stopped(fmt::format("the name should start with an offset, not \"{}\"", stem()));
    return *offset;
}

InputFile InputFile::sibling(std::string_view new_suffix) const {
    const std::string folder = path_.substr(0, path_.size() - name().size());
    return InputFile(fmt::format("{}{}{}", folder, stem(), new_suffix));
}

std::vector<std::uint8_t> InputFile::read() const {
    std::error_code error;
    const auto size = std::filesystem::file_size(path_, error);
    if (error)
        throw Stopped(fmt::format("cannot read {}: {}", path_, error.message()));
    if (size > kLargest) {
        throw Stopped(
            fmt::format("{} has {} bytes; a segment has at most {}", path_, size, kLargest));
    }
    const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path_.c_str(), "rb"));
    std::vector<std::uint8_t> bytes(size);
    if (!file || std::fread(bytes.data(), 1, bytes.size(), file.get()) != bytes.size())
        throw Stopped(fmt::format("cannot read {}", path_));
    return bytes;
}

}  // namespace bsim::dump_log
