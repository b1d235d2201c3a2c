#pragma once
// The directory of a run: `runs/<name>-s<seed>-<h8>/`, h8 being the first 8 hex digits of XXH3-128
// over the scenario file's bytes, and `runs/latest`, a symbolic link to the newest.
// Errors are texts for the user, with the path in them.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "sim/base/result.h"
#include "sim/trace/sinks.h"

namespace bsim {

// `leader-failover-s42-0a1b2c3d`.
std::string run_directory_name(std::string_view scenario,
                               std::uint64_t seed,
                               std::string_view scenario_hash);

// Makes the directory, with parents, and removes what an earlier run left in it under the names of
// TRACE.md (data/ included; nothing else). Refuses a non-empty directory without a run in it.
Result<Done, std::string> prepare_run_directory(const std::filesystem::path& directory);

// Removes the files of a run that grow with it (the trace, the history, metrics, the nodes' files);
// what is needed to run it again stays, and so do the results.
void strip_run_directory(const std::filesystem::path& directory);

// Makes the directory of a sweep. Of an earlier sweep there (known by its sweep.json) the run
// directories and sweep.json are removed, nothing else. Refuses a non-empty directory without one.
Result<Done, std::string> prepare_sweep_directory(const std::filesystem::path& directory);

// Makes the directory for the nodes' files where it is not the run's own data/, and removes the
// nodes' directories that an earlier run left: a broker would start from them. Refuses a non-empty
// directory unless an earlier call left its mark, a file `brokersim-data`.
Result<Done, std::string> prepare_data_directory(const std::filesystem::path& directory);

// Points `<parent>/latest` at the directory, in one rename.
Result<Done, std::string> point_latest_at(const std::filesystem::path& directory);

// Writes beside the file and renames, so that a reader sees the old file or the new one.
Result<Done, std::string> write_file_atomically(const std::filesystem::path& file,
                                                std::string_view text);

// A text sink on a file. While the run lasts the file bears its final name, so that one can watch
// it grow; close() says whether all was written.
class FileTextSink : public TextSink {
  public:
    static Result<std::unique_ptr<FileTextSink>, std::string> open(
        const std::filesystem::path& file);

    void write(std::string_view text) override;
    Result<Done, std::string> close();

  private:
    explicit FileTextSink(const std::filesystem::path& file);

    std::filesystem::path path_;
    std::ofstream out_;
};

}  // namespace bsim
