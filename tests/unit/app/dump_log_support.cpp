#include "tests/unit/app/dump_log_support.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace bsim::dump_log::testing {

namespace fs = std::filesystem;

Dump dump_of(const std::vector<std::string>& files, const Options& options) {
    std::ostringstream out;
    std::ostringstream complaints;
    const bool clean = dump(files, options, out, complaints);
    return {out.str(), complaints.str(), clean};
}

Dump dump_of(const fs::path& file, const Options& options) {
    return dump_of(std::vector{file.string()}, options);
}

Options golden_options(const fs::path& file) {
    const std::string path = file.string();
    const auto names = [&](const char* part) { return path.find(part) != std::string::npos; };
    Options options;
    options.print_data_log = true;
    if (names(".checkpoint") || names("__cluster_metadata") || names("dump_log/metadata"))
        options.decoder = Decoder::ClusterMetadata;
    else if (names("__consumer_offsets") || names("dump_log/offsets"))
        options.decoder = Decoder::Offsets;
    else if (names("__transaction_state") || names("dump_log/transactions"))
        options.decoder = Decoder::TransactionLog;
    return options;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

Buffer read_bytes(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in)
        throw std::runtime_error("cannot read " + path.string());
    return {std::istreambuf_iterator<char>(in), {}};
}

fs::path Folder::write(const std::string& name, ByteView bytes) const {
    const std::string_view text = as_text(bytes);
    std::ofstream(path(name), std::ios::binary)
        .write(text.data(), static_cast<std::streamsize>(text.size()));
    return path(name);
}

fs::path Folder::copy_segment(const fs::path& from) const {
    for (const char* suffix : {".log", ".index", ".timeindex"}) {
        fs::path file = from;
        file.replace_extension(suffix);
        if (fs::exists(file))
            fs::copy_file(file, path(file.filename().string()));
    }
    return path(from.filename().string());
}

fs::path golden(const std::string& name) {
    return fs::path(BSIM_TEST_DATA) / "golden" / name;
}

}  // namespace bsim::dump_log::testing
