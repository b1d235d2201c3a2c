#include <algorithm>
#include <csignal>
#include <filesystem>
#include <optional>
#include <random>
#include <sys/resource.h>

#include "sim/storage/atomic_file.h"
#include "sim/storage/descriptor_limit.h"
#include "sim/storage/device_model.h"
#include "tests/unit/storage/storage_fixture.h"

namespace bsim::test {
namespace {

Bytes bytes_of(std::string_view text) {
    return Bytes(text.begin(), text.end());
}

class PosixDiskTest : public ::testing::Test {
  protected:
    PosixDiskTest() : disk_(must(PosixDisk::open_root(temp_.path(), 3))) {}
    TempDir temp_{memory_dir()};
    std::unique_ptr<PosixDisk> disk_;
};

TEST_F(PosixDiskTest, ManyFilesShareFewDescriptors) {
    std::vector<File> files;
    for (int i = 0; i < 10; ++i) {
        const std::string name = "f" + std::to_string(i);
        files.push_back(must(File::open(*disk_, name, OpenMode::Create)));
        must(files.back().write(0, bytes_of(name)));
        EXPECT_LE(disk_->open_descriptors(), 3U);
    }
    for (int round = 0; round < 3; ++round) {
        for (std::size_t i = 0; i < files.size(); ++i) {
            Bytes back(5);
            EXPECT_EQ(must(files[i].read(0, back)), 2U);
            EXPECT_EQ(back[1], '0' + static_cast<int>(i));
            EXPECT_LE(disk_->open_descriptors(), 3U);
        }
    }
    files.clear();
    EXPECT_EQ(disk_->open_descriptors(), 0U);
}

TEST(MaxOpenDescriptors, DisksShareWhatTheProcessMayOpen) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit limit = before;
    limit.rlim_cur = 1024;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    EXPECT_EQ(max_open_descriptors(1), kDefaultMaxOpenDescriptors);
    EXPECT_EQ(max_open_descriptors(6), 160U);
    EXPECT_EQ(max_open_descriptors(1'000), 4U);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST_F(PosixDiskTest, ClosedDescriptorReopensUnderTheNewNameOfItsFileAndDirectory) {
    must(disk_->make_dirs("a/b"));
    const File file = must(File::open(*disk_, "a/b/old", OpenMode::Create));
    must(file.write(0, bytes_of("x")));
    std::vector<File> others;
    for (int i = 0; i < 3; ++i) {
        others.push_back(must(File::open(*disk_, "o" + std::to_string(i), OpenMode::Create)));
    }
    must(disk_->rename("a/b/old", "a/b/new"));
    must(disk_->rename("a", "z"));
    must(file.write(1, bytes_of("y")));
    EXPECT_EQ(must(read_file(*disk_, "z/b/new")), "xy");
}

TEST_F(PosixDiskTest, ShortWritesInARowAreInTheFileAtOnceWhoeverLooks) {
    constexpr std::size_t kEntries = 1000;  // of 12 bytes: some lie in two pages
    const File file = must(File::open(*disk_, "f", OpenMode::Create));
    const File twin = must(File::open(*disk_, "f", OpenMode::Existing));
    must(file.resize(16'000));
    Bytes expected(16'000);
    for (std::size_t i = 0; i < kEntries; ++i) {
        const Bytes entry(12, static_cast<std::uint8_t>('a' + i % 26));
        must(file.write(12 * i, entry));
        std::copy(entry.begin(), entry.end(), expected.begin() + static_cast<int>(12 * i));
    }
    EXPECT_EQ(slurp(temp_ / "f"), expected);
    // Cut through the other id, and grown again: what was there is gone, what comes now is not.
    must(twin.resize(11'990));
    must(twin.resize(16'000));
    must(file.write(11'988, bytes_of("once more")));
    Bytes back(16'000);
    EXPECT_EQ(must(twin.read(0, back)), back.size());
    expected.resize(11'988);
    expected.insert(expected.end(), {'o', 'n', 'c', 'e', ' ', 'm', 'o', 'r', 'e'});
    expected.resize(16'000);
    EXPECT_EQ(back, expected);
}

TEST_F(PosixDiskTest, ShortAppendsWaitAndAreReadAllTheSame) {
    const File file = must(File::open(*disk_, "f", OpenMode::Create));
    Bytes expected;
    for (int i = 0; i < 100; ++i) {
        const Bytes batch(100, static_cast<std::uint8_t>(i));
        must(file.write2(expected.size(), ByteView(batch).first(61), ByteView(batch).subspan(61)));
        expected.insert(expected.end(), batch.begin(), batch.end());
        Bytes back(batch.size());
        EXPECT_EQ(must(file.read(expected.size() - back.size(), back)), back.size());
        EXPECT_EQ(back, batch);
    }
    EXPECT_LT(slurp(temp_ / "f").size(), expected.size());
    must(disk_->flush());
    EXPECT_EQ(slurp(temp_ / "f"), expected);
}

TEST_F(PosixDiskTest, OfAllFilesTogetherNoMoreThanSoMuchWaits) {
    constexpr std::uint64_t kMostWaiting = 4 << 20;
    disk_ = must(PosixDisk::open_root(temp_.path(), 100));
    std::vector<File> files;
    for (int i = 0; i < 50; ++i)
        files.push_back(must(File::open(*disk_, std::to_string(i), OpenMode::Create)));
    std::uint64_t most = 0;
    for (std::uint64_t size = 0; size < 200'000; size += 10'000) {
        for (const File& file : files)
            must(file.write(size, Bytes(10'000)));
        std::uint64_t waiting = files.size() * (size + 10'000);
        for (std::size_t i = 0; i < files.size(); ++i)
            waiting -= std::filesystem::file_size(temp_ / std::to_string(i));
        EXPECT_LT(waiting, kMostWaiting);
        most = std::max(most, waiting);
    }
    EXPECT_GT(most, kMostWaiting / 2);
}

// Appends, writes elsewhere, reads, cuts and closes at random, through one or two ids a file and
// with fewer descriptors than files, against files in memory.
TEST_F(PosixDiskTest, FilesHoldWhatWasWrittenToThem) {
    std::mt19937_64 random(7);
    const auto below = [&](std::uint64_t bound) { return random() % bound; };
    struct Model {
        std::string name;
        Bytes bytes;
        std::vector<File> ids;
    };
    std::vector<Model> files(5);
    for (std::size_t i = 0; i < files.size(); ++i)
        files[i].name = "f" + std::to_string(i);
    for (int step = 0; step < 20'000; ++step) {
        Model& model = files[below(files.size())];
        if (model.ids.empty() || (model.ids.size() < 2 && below(200) == 0))
            model.ids.push_back(must(File::open(*disk_, model.name, OpenMode::Create)));
        const File& file = model.ids[below(model.ids.size())];
        const std::uint64_t way = below(100);
        if (way < 60) {
            const bool append = way > 4;
            const std::uint64_t at = append ? model.bytes.size() : below(model.bytes.size() + 1);
            const std::uint64_t bound = way == 0 ? 60'000 : way < 10 ? 13 : 300;
            const Bytes bytes(below(bound), static_cast<std::uint8_t>(step));
            must(file.write(at, bytes));
            model.bytes.resize(std::max(model.bytes.size(), at + bytes.size()));
            std::copy(bytes.begin(), bytes.end(),
                      model.bytes.begin() + static_cast<std::ptrdiff_t>(at));
        } else if (way < 95) {
            const std::uint64_t back = std::min<std::uint64_t>(below(500), model.bytes.size());
            const std::uint64_t at = model.bytes.size() - back;
            Bytes into(below(600));
            const std::size_t count = must(file.read(at, into));
            ASSERT_EQ(count, std::min<std::uint64_t>(into.size(), back));
            ASSERT_TRUE(std::equal(into.begin(), into.begin() + static_cast<std::ptrdiff_t>(count),
                                   model.bytes.begin() + static_cast<std::ptrdiff_t>(at)));
        } else if (way < 97) {
            ASSERT_EQ(must(file.size()), model.bytes.size());
        } else if (way < 98) {
            model.bytes.resize(below(model.bytes.size() + 100));
            must(file.resize(model.bytes.size()));
        } else {
            model.ids.erase(model.ids.begin() +
                            static_cast<std::ptrdiff_t>(below(model.ids.size())));
        }
    }
    must(disk_->flush());
    for (const Model& model : files)
        EXPECT_EQ(slurp(temp_ / model.name), model.bytes);
}

// What the machine refuses is told, though the call that wrote it has long returned.
TEST_F(PosixDiskTest, WriteThatFailsLaterIsReported) {
    const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    std::optional<File> file = must(File::open(*disk_, "f", OpenMode::Create));
    const File other = must(File::open(*disk_, "g", OpenMode::Create));
    must(file->write(0, Bytes(100)));
    must(file->write(100, Bytes(100)));
    rlimit limit = before;
    limit.rlim_cur = 150;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    file.reset();
    Bytes into(10);
    EXPECT_FALSE(other.write(0, Bytes(50)).ok());
    EXPECT_FALSE(other.read(0, into).ok());
    EXPECT_FALSE(other.size().ok());
    EXPECT_FALSE(other.resize(10).ok());
    EXPECT_FALSE(other.sync().ok());
    const Stored<Done> flushed = disk_->flush();
    ASSERT_FALSE(flushed.ok());
    EXPECT_EQ(flushed.error().path, "f");
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, ignored);
}

TEST_F(PosixDiskTest, WritesTwoPartsAsOneAndReadsShortAtTheEnd) {
    const File file = must(File::open(*disk_, "f", OpenMode::Create));
    must(file.write2(2, bytes_of("head"), bytes_of("tail")));
    Bytes back(100);
    EXPECT_EQ(must(file.read(0, back)), 10U);
    back.resize(10);
    EXPECT_EQ(back, bytes_of(std::string_view("\0\0headtail", 10)));
    must(file.resize(4));
    EXPECT_EQ(must(file.size()), 4U);
    must(file.resize(8));
    EXPECT_EQ(slurp(temp_ / "f"), bytes_of(std::string_view("\0\0he\0\0\0\0", 8)));
}

TEST_F(PosixDiskTest, ErrorsComeBackAsValues) {
    const auto missing = disk_->open("no/such", OpenMode::Existing);
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(missing.error().kind, StorageErrorKind::NotFound);
    EXPECT_EQ(missing.error().path, "no/such");
    EXPECT_TRUE(missing.error().is_disk_failure());
    must(disk_->make_dirs("d"));
    spill(temp_ / "d/f", bytes_of("x"));
    const auto full = disk_->remove("d");
    ASSERT_FALSE(full.ok());
    EXPECT_EQ(full.error().kind, StorageErrorKind::Io);
    EXPECT_EQ(disk_->list("nowhere").error().kind, StorageErrorKind::NotFound);
    EXPECT_FALSE(disk_->rename("nothing", "else").ok());
    EXPECT_FALSE(disk_->sync_dir("nowhere").ok());
    must(disk_->remove("d/f"));
    must(disk_->remove("d"));
    EXPECT_FALSE(must(disk_->exists("d")));
}

TEST_F(PosixDiskTest, ListsSorted) {
    for (const char* name : {"b", "a", "c", "B"})
        must(disk_->open(name, OpenMode::Create));
    EXPECT_EQ(must(disk_->list("")), (std::vector<std::string>{"B", "a", "b", "c"}));
}

// Makes, renames and removes files and directories at random, and asks for names in between, some
// of which only the system knows at first.
TEST_F(PosixDiskTest, KnowsTheNamesThatThereAre) {
    std::mt19937_64 random(7);
    const auto pick = [&] {
        std::string path;
        for (std::uint64_t depth = 1 + random() % 3; depth > 0; --depth)
            path = join_path(path, std::string(1, static_cast<char>('a' + random() % 3)));
        return path;
    };
    const auto change = [&](const std::string& path) {
        switch (random() % 6) {
            case 0:
                return disk_->make_dirs(path).ok();
            case 1:
                return disk_->remove(path).ok();
            case 2:
                return disk_->rename(path, pick()).ok();
            case 3:
                return File::open(*disk_, path, OpenMode::Existing).ok();
            case 4:
                return File::open(*disk_, path, OpenMode::Truncate).ok();
            default:
                return File::open(*disk_, path, OpenMode::Create).ok();
        }
    };
    int changes = 0;
    for (int step = 0; step < 20'000; ++step) {
        if (step % 1000 == 0)
            disk_ = must(PosixDisk::open_root(temp_.path(), 3));
        changes += change(pick()) ? 1 : 0;
        const std::string path = pick();
        const std::filesystem::path real = temp_.path() + "/" + path;
        ASSERT_EQ(must(disk_->exists(path)), std::filesystem::exists(real)) << path;
        const auto names = disk_->list(path);
        ASSERT_EQ(names.ok(), std::filesystem::is_directory(real)) << path;
        if (!names.ok())
            continue;
        std::vector<std::string> there;
        for (const auto& entry : std::filesystem::directory_iterator(real))
            there.push_back(entry.path().filename());
        std::sort(there.begin(), there.end());
        ASSERT_EQ(names.value(), there) << path;
    }
    EXPECT_GT(changes, 2000);
}

TEST_F(StorageTest, AtomicWriteLeavesNoTemporaryFile) {
    must(write_file_atomically(*disk_, "f", "one"));
    must(write_file_atomically(*disk_, "f", "two"));
    EXPECT_EQ(must(read_file(*disk_, "f")), "two");
    EXPECT_EQ(file_names(temp_.path()), std::vector<std::string>{"f"});
    EXPECT_EQ(disk_->dirty_bytes(), 0U);
}

TEST_F(StorageTest, PageCacheCountsEachKindOfWork) {
    const File file = must(File::open(*disk_, "f", OpenMode::Create));
    disk_->take_cost();
    must(file.write(0, bytes_of("0123456789")));
    must(file.write2(10, bytes_of("ab"), bytes_of("cd")));
    Bytes back(6);
    must(file.read(0, back));
    EXPECT_EQ(disk_->dirty_bytes(), 14U);
    must(file.sync());
    must(file.sync());
    must(disk_->sync_dir(""));
    must(disk_->rename("f", "g"));
    const IoCost cost = disk_->take_cost();
    IoCost expected;
    expected.writes = 2;
    expected.bytes_written = 14;
    expected.reads = 1;
    expected.bytes_read = 6;
    expected.fsyncs = 1;
    expected.idle_fsyncs = 2;  // the first one committed the file's name, too
    expected.fsynced_bytes = 14;
    expected.metadata_ops = 1;
    EXPECT_EQ(cost, expected);
    EXPECT_TRUE(disk_->take_cost().is_zero());
}

TEST_F(StorageTest, DirtyPagesStayWithTheFileWhenItIsClosedOrRenamed) {
    must(disk_->make_dirs("d"));
    {
        const File file = must(File::open(*disk_, "d/f", OpenMode::Create));
        must(file.write(3, bytes_of("abc")));
    }
    EXPECT_EQ(disk_->dirty("d/f"), (std::vector<ByteRange>{{3, 6}}));
    must(disk_->rename("d", "e"));
    EXPECT_EQ(disk_->dirty("e/f"), (std::vector<ByteRange>{{3, 6}}));
    must(disk_->rename("e/f", "e/g"));
    const File again = must(File::open(*disk_, "e/g", OpenMode::Existing));
    must(again.sync());
    EXPECT_EQ(disk_->dirty_bytes(), 0U);
    must(again.write(0, bytes_of("x")));
    must(disk_->remove("e/g"));
    EXPECT_EQ(disk_->dirty_bytes(), 0U);
}

TEST_F(StorageTest, DirtyRangesAgreeWithABitForEachByte) {
    std::mt19937_64 rng(7);
    const File file = must(File::open(*disk_, "f", OpenMode::Create));
    std::vector<bool> dirty(300);
    std::uint64_t size = 0;
    for (int step = 0; step < 3000; ++step) {
        const std::uint64_t at = rng() % 200;
        const std::uint64_t count = rng() % 40;
        const auto action = rng() % 20;
        if (action == 0) {
            must(file.sync());
            dirty.assign(300, false);
        } else if (action == 1) {
            must(file.resize(at));
            for (std::uint64_t i = at; i < size; ++i)
                dirty[i] = false;
            size = at;
        } else {
            must(file.write(at, Bytes(count, 'x')));
            for (std::uint64_t i = at; i < at + count; ++i)
                dirty[i] = true;
            if (count > 0)
                size = std::max(size, at + count);
        }
        std::vector<bool> told(300);
        std::uint64_t last = 0;
        for (const ByteRange& range : disk_->dirty("f")) {
            ASSERT_LT(range.from, range.to);
            ASSERT_TRUE(last == 0 || range.from > last) << "ranges touch";
            last = range.to;
            for (std::uint64_t i = range.from; i < range.to; ++i)
                told[i] = true;
        }
        ASSERT_EQ(told, dirty) << "step " << step;
    }
}

TEST(DeviceModel, ChargesCallsBytesAndSyncs) {
    DeviceModel model;
    model.call_overhead = microseconds(10);
    model.memory_bytes_per_second = 1'000'000'000;
    model.metadata_overhead = microseconds(5);
    model.device_bytes_per_second = 100'000'000;
    EXPECT_EQ(io_duration(model, IoCost{}, {}), IoDuration{});
    IoCost write;
    write.writes = 2;
    write.bytes_written = 1000;
    DeviceDraws draws;
    draws.write = microseconds(100);
    EXPECT_EQ(io_duration(model, write, draws), (IoDuration{microseconds(20 + 1 + 100), {}}));
    IoCost sync;
    sync.fsyncs = 2;
    sync.fsynced_bytes = 100'000'001;
    sync.metadata_ops = 3;
    sync.idle_fsyncs = 1;
    draws = {};
    draws.fsync = milliseconds(6);
    EXPECT_EQ(io_duration(model, sync, draws),
              (IoDuration{microseconds(20), milliseconds(6) + seconds(1) + nanoseconds(10)}));
    IoCost read;
    read.reads = 1;
    read.bytes_read = 1;
    EXPECT_EQ(io_duration(model, read, {}), (IoDuration{microseconds(10) + nanoseconds(1), {}}));
    read.device_reads = 1;
    read.device_bytes_read = 100'000;
    draws = {};
    draws.read = microseconds(80);
    EXPECT_EQ(io_duration(model, read, draws),
              (IoDuration{microseconds(10) + nanoseconds(1), microseconds(80 + 1000)}));
}

}  // namespace
}  // namespace bsim::test
