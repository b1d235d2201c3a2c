#include "sim/report/run_directory.h"

#include <array>
#include <fmt/format.h>
#include <system_error>

namespace bsim {

namespace {

namespace fs = std::filesystem;

// What a run leaves in its directory; nothing else is ever removed.
constexpr std::array<std::string_view, 11> kOwnNames = {
    "manifest.json", "results.json", "trace.jsonl", "verdicts.jsonl", "history.jsonl", "metrics.om",
    "metrics.csv",   "data",         "report.html", "plots",          "junit.xml"};

std::string complaint(const fs::path& path, const std::error_code& error) {
    return path.string() + ": " + error.message();
}

}  // namespace

std::string run_directory_name(std::string_view scenario,
                               std::uint64_t seed,
                               std::string_view scenario_hash) {
    return fmt::format("{}-s{}-{}", scenario, seed, scenario_hash.substr(0, 8));
}

Result<Done, std::string> prepare_run_directory(const fs::path& directory) {
    std::error_code error;
    fs::create_directories(directory, error);
    if (error)
        return Err{complaint(directory, error)};
    const bool ours =
        fs::exists(directory / "trace.jsonl") || fs::exists(directory / "manifest.json");
    if (!ours && !fs::is_empty(directory, error)) {
        if (error)
            return Err{complaint(directory, error)};
        return Err{directory.string() + " is not empty and holds no run; choose another directory"};
    }
    for (const std::string_view name : kOwnNames) {
        fs::remove_all(directory / name, error);
        if (error)
            return Err{complaint(directory / name, error)};
    }
    return Done{};
}

Result<Done, std::string> point_latest_at(const fs::path& directory) {
    const fs::path target = directory.has_filename() ? directory : directory.parent_path();
    const fs::path link = target.parent_path() / "latest";
    const fs::path fresh = target.parent_path() / ".latest.new";
    std::error_code error;
    fs::remove(fresh, error);
    fs::create_symlink(target.filename(), fresh, error);
    if (error)
        return Err{complaint(fresh, error)};
    fs::rename(fresh, link, error);
    if (error)
        return Err{complaint(link, error)};
    return Done{};
}

Result<Done, std::string> write_file_atomically(const fs::path& file, std::string_view text) {
    fs::path fresh = file;
    fresh += ".new";
    {
        BSIM_TRY(const auto sink, FileTextSink::open(fresh));
        sink->write(text);
        BSIM_TRY_VOID(sink->close());
    }
    std::error_code error;
    fs::rename(fresh, file, error);
    if (error)
        return Err{complaint(file, error)};
    return Done{};
}

FileTextSink::FileTextSink(const fs::path& file)
    : path_(file), out_(file, std::ios::binary | std::ios::trunc) {}

Result<std::unique_ptr<FileTextSink>, std::string> FileTextSink::open(const fs::path& file) {
    std::unique_ptr<FileTextSink> sink(new FileTextSink(file));
    if (!sink->out_)
        return Err{file.string() + ": cannot be opened for writing"};
    return sink;
}

void FileTextSink::write(std::string_view text) {
    out_.write(text.data(), static_cast<std::streamsize>(text.size()));
}

Result<Done, std::string> FileTextSink::close() {
    out_.close();
    if (!out_)
        return Err{path_.string() + ": writing failed (disk full?)"};
    return Done{};
}

}  // namespace bsim
