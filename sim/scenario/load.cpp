#include "sim/scenario/load.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <memory>

namespace bsim {
namespace {

struct CloseFile {
    void operator()(std::FILE* file) const {
        if (file != stdin) {
            std::fclose(file);
        }
    }
};

LoadError load_error(bool io, std::string file, std::string_view code, std::string message) {
    LoadError error;
    error.io = io;
    error.diagnostic.file = std::move(file);
    error.diagnostic.code = code;
    error.diagnostic.message = std::move(message);
    return error;
}

}  // namespace

Result<LoadedText, LoadError> load_scenario_file(const std::string& path) {
    LoadedText out;
    out.file_name = path == "-" ? "<stdin>" : path;
    const std::unique_ptr<std::FILE, CloseFile> file(path == "-" ? stdin
                                                                 : std::fopen(path.c_str(), "rb"));
    const auto refused = [&] {
        return Err{load_error(true, out.file_name, "E0001",
                              fmt::format("cannot read the scenario: {}", std::strerror(errno)))};
    };
    if (!file) {
        return refused();
    }
    char buffer[65536];
    while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, file.get())) {
        out.text.append(buffer, count);
        if (out.text.size() > kScenarioBytesMax) {
            return Err{load_error(false, out.file_name, "E0002", "the file is larger than 64 MiB")};
        }
    }
    if (std::ferror(file.get()) != 0) {
        return refused();
    }
    return out;
}

}  // namespace bsim
