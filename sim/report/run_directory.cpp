#include "sim/report/run_directory.h"

#include <array>
#include <fmt/format.h>
#include <system_error>
#include <vector>

namespace bsim {

namespace {

namespace fs = std::filesystem;

// What a run leaves in its directory; nothing else is ever removed. Last those by which it is known
// again, so that a removal that was cut short can be repeated.
constexpr std::array<std::string_view, 14> kOwnNames = {
    "results.json",   "verdicts.jsonl",  "history.jsonl", "metrics.om",   "metrics.csv",
    "data",           "report.html",     "plots",         "junit.xml",    "scenario.json",
    "scenario.jsonc", "snapshots.jsonl", "trace.jsonl",   "manifest.json"};

// Stands in a data directory outside of its run's.
constexpr std::string_view kDataMark = "brokersim-data";

std::string complaint(const fs::path& path, const std::error_code& error) {
    return path.string() + ": " + error.message();
}

// Both begin with the key "brokersim"; other programs have manifests too.
bool is_of_a_run(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string start(32, '\0');
    in.read(start.data(), static_cast<std::streamsize>(start.size()));
    return start.find("\"brokersim\"") != std::string::npos;
}

// What a node's directory is called: "broker-1".
bool is_node_directory(std::string_view name) {
    for (const std::string_view kind : {"broker-", "controller-", "zk-"}) {
        if (!name.starts_with(kind))
            continue;
        name.remove_prefix(kind.size());
        return !name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos;
    }
    return false;
}

// Makes the directory. It must be empty, unless `known` says that it is one of ours.
Result<Done, std::string> claim(const fs::path& directory, bool known, std::string_view holds_no) {
    std::error_code error;
    fs::create_directories(directory, error);
    if (error)
        return Err{complaint(directory, error)};
    if (known || fs::is_empty(directory, error))
        return Done{};
    if (error)
        return Err{complaint(directory, error)};
    return Err{fmt::format("{} is not empty and holds no {}; choose another directory",
                           directory.string(), holds_no)};
}

}  // namespace

std::string run_directory_name(std::string_view scenario,
                               std::uint64_t seed,
                               std::string_view scenario_hash) {
    return fmt::format("{}-s{}-{}", scenario, seed, scenario_hash.substr(0, 8));
}

Result<Done, std::string> prepare_run_directory(const fs::path& directory) {
    const bool ours =
        is_of_a_run(directory / "trace.jsonl") || is_of_a_run(directory / "manifest.json");
    BSIM_TRY_VOID(claim(directory, ours, "run"));
    std::error_code error;
    for (const std::string_view name : kOwnNames) {
        fs::remove_all(directory / name, error);
        if (error)
            return Err{complaint(directory / name, error)};
    }
    return Done{};
}

void strip_run_directory(const fs::path& directory) {
    std::error_code ignored;
    for (const char* name : {"trace.jsonl", "history.jsonl", "metrics.csv", "metrics.om", "data"})
        fs::remove_all(directory / name, ignored);
}

Result<Done, std::string> prepare_sweep_directory(const fs::path& directory) {
    const fs::path mark = directory / "sweep.json";
    BSIM_TRY_VOID(claim(directory, is_of_a_run(mark), "sweep"));
    std::error_code error;
    std::vector<fs::path> old;
    for (const auto& entry : fs::directory_iterator(directory, error)) {
        if (entry.is_directory() && is_of_a_run(entry.path() / "manifest.json"))
            old.push_back(entry.path());
    }
    if (error)
        return Err{complaint(directory, error)};
    for (const fs::path& run : old) {
        BSIM_TRY_VOID(prepare_run_directory(run));
        fs::remove(run, error);  // stays if something else lies in it
    }
    // From now on it is known as a sweep's, even if this one is killed.
    return write_file_atomically(mark, "{\"brokersim\": 1, \"end\": \"killed\"}\n");
}

Result<Done, std::string> prepare_data_directory(const fs::path& directory) {
    std::error_code error;
    const bool ours = fs::exists(directory / kDataMark, error);
    BSIM_TRY_VOID(claim(directory, ours, "data of a run"));
    std::vector<fs::path> old;
    for (const auto& entry : fs::directory_iterator(directory, error)) {
        if (is_node_directory(entry.path().filename().string()))
            old.push_back(entry.path());
    }
    for (const fs::path& path : old) {
        fs::remove_all(path, error);
        if (error)
            return Err{complaint(path, error)};
    }
    if (error)
        return Err{complaint(directory, error)};
    return write_file_atomically(directory / kDataMark, "Made anew by each run of brokersim.\n");
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

namespace {

Result<Done, std::string> write_file(const fs::path& file, std::string_view text) {
    BSIM_TRY(const auto sink, FileTextSink::open(file));
    sink->write(text);
    return sink->close();
}

}  // namespace

Result<Done, std::string> write_file_atomically(const fs::path& file, std::string_view text) {
    std::error_code error;
    const fs::file_status there = fs::status(file, error);
    // A device or a pipe must stay what it is.
    if (fs::exists(there) && !fs::is_regular_file(there))
        return write_file(file, text);
    fs::path fresh = file;
    fresh += ".new";
    BSIM_TRY_VOID(write_file(fresh, text));
    fs::rename(fresh, file, error);
    if (!error)
        return Done{};
    std::error_code ignored;
    fs::remove(fresh, ignored);
    return Err{complaint(file, error)};
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
