#include "tests/unit/storage/storage_fixture.h"

#include <algorithm>

#include "sim/storage/log_files.h"
#include "sim/wire/control_record.h"

namespace bsim::test {

std::string memory_dir() {
    return std::filesystem::exists("/dev/shm") ? "/dev/shm/" : ::testing::TempDir();
}

Bytes slurp(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in)
        throw std::runtime_error("cannot read " + path);
    return Bytes(std::istreambuf_iterator<char>(in), {});
}

void spill(const std::string& path, const Bytes& bytes) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
}

// What the real tool printed of the file beside it; no file of the log.
bool is_dump(const std::filesystem::path& path) {
    return path.filename().string().ends_with(".dump.txt");
}

void copy_golden(const std::string& name, const std::string& to) {
    namespace fs = std::filesystem;
    fs::create_directories(to);
    for (const auto& entry :
         fs::directory_iterator(std::string(BSIM_TEST_DATA) + "/golden/" + name)) {
        if (is_dump(entry.path()))
            continue;
        const fs::path copy = to / entry.path().filename();
        fs::copy_file(entry.path(), copy);
        fs::permissions(copy, fs::perms::owner_all);
    }
}

std::vector<std::string> file_names(const std::string& dir) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(dir)) {
        if (!is_dump(entry.path()))
            names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
}

StorageTest::StorageTest() {
    posix_ = must(PosixDisk::open_root(temp_.path(), kDefaultMaxOpenDescriptors));
    disk_ = std::make_unique<PageCacheDisk>(*posix_);
}

Stored<PartitionLog> StorageTest::open(const std::string& dir, const LogConfig& config) {
    posix_->forget_names();  // tests change files themselves
    LogOpening opening;
    opening.dir = dir;
    opening.config = config;
    opening.now = now_;
    return PartitionLog::open(*disk_, opening);
}

Stored<PartitionLog> StorageTest::open_clean(const std::string& dir, const LogConfig& config) {
    posix_->forget_names();
    LogOpening opening;
    opening.dir = dir;
    opening.config = config;
    opening.now = now_;
    opening.clean_shutdown = true;
    return PartitionLog::open(*disk_, opening);
}

Bytes StorageTest::file(const std::string& dir, Offset base, std::string_view suffix) const {
    return slurp(at(dir + "/" + log_file_name(base, suffix)));
}

namespace {

wire::BatchOptions options_of(const BatchSpec& spec) {
    wire::BatchOptions options;
    options.base_offset = spec.base_offset;
    options.leader_epoch = spec.leader_epoch;
    options.producer_id = spec.producer;
    options.producer_epoch = spec.epoch;
    options.base_sequence = spec.sequence;
    options.transactional = spec.transactional;
    return options;
}

}  // namespace

SharedBytes make_batch(const BatchSpec& spec) {
    wire::BatchBuilder builder(options_of(spec));
    for (int i = 0; i < spec.records; ++i) {
        const Bytes value(spec.value_bytes, static_cast<std::uint8_t>('a' + i % 26));
        const std::string key = "k" + std::to_string(i);
        builder.append(spec.timestamp + i * spec.timestamp_step, as_bytes(key), ByteView(value),
                       {});
    }
    return SharedBytes(builder.build());
}

SharedBytes make_marker(const BatchSpec& spec, bool commit, std::int32_t coordinator_epoch) {
    wire::BatchOptions options = options_of(spec);
    options.transactional = true;
    const auto type = commit ? wire::ControlType::Commit : wire::ControlType::Abort;
    return SharedBytes(wire::control_batch(options, spec.timestamp, type,
                                           wire::encode_end_txn_marker(coordinator_epoch)));
}

SharedBytes concat(const std::vector<SharedBytes>& parts) {
    Bytes all;
    for (const SharedBytes& part : parts) {
        all.insert(all.end(), part.view().begin(), part.view().end());
    }
    return SharedBytes(std::move(all));
}

AppendInfo append(PartitionLog& log, const BatchSpec& spec, int epoch, WallMs now) {
    return must(
        log.append_as_leader(make_batch(spec), LeaderEpoch(epoch), now, AppendOrigin::Client));
}

}  // namespace bsim::test
