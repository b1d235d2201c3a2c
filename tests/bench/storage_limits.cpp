#include "tests/bench/storage_limits.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sim/wire/record_batch.h"
#include "tests/bench/measure.h"
#include "tests/bench/storage_batches.h"

namespace bsim::bench {
namespace {

void require(bool ok, const char* call) {
    if (!ok)
        throw CannotWrite(std::string(call) + ": " + std::strerror(errno));
}

// A new file that is removed at the end.
class NewFile {
  public:
    explicit NewFile(std::string path)
        : path_(std::move(path)), fd_(::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0644)) {
        require(fd_ >= 0, "open");
    }
    ~NewFile() {
        ::close(fd_);
        ::unlink(path_.c_str());
    }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;
    int fd() const { return fd_; }

  private:
    std::string path_;
    int fd_;
};

// A file of zeros, mapped into memory.
class MappedFile {
  public:
    MappedFile(const std::string& path, std::size_t bytes) : file_(path), bytes_(bytes) {
        require(::ftruncate(file_.fd(), static_cast<off_t>(bytes)) == 0, "ftruncate");
        void* at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file_.fd(), 0);
        require(at != MAP_FAILED, "mmap");
        data_ = static_cast<std::uint8_t*>(at);
    }
    ~MappedFile() { ::munmap(data_, bytes_); }
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    std::uint8_t* data() const { return data_; }

  private:
    NewFile file_;
    std::size_t bytes_;
    std::uint8_t* data_ = nullptr;
};

class SparseIndex {
  public:
    SparseIndex(const std::string& dir, std::size_t entries)
        : offsets_(dir + "/limit.index", 8 * entries),
          times_(dir + "/limit.timeindex", 12 * entries) {}

    void add(const wire::BatchHeader& header, std::int64_t position) {
        store_be(offsets_.data() + 8 * count_, static_cast<std::int32_t>(count_));
        store_be(offsets_.data() + 8 * count_ + 4, static_cast<std::int32_t>(position));
        store_be(times_.data() + 12 * count_, header.max_timestamp);
        store_be(times_.data() + 12 * count_ + 8, static_cast<std::int32_t>(count_));
        ++count_;
    }

  private:
    MappedFile offsets_;
    MappedFile times_;
    std::size_t count_ = 0;
};

double gb_per_s(std::size_t bytes, double seconds) {
    return static_cast<double>(bytes) * 1e-9 / seconds;
}

void write_whole(int fd, const Batches& batches, std::size_t from, std::size_t count) {
    std::array<iovec, 64> parts{};
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const ByteView batch = batches[from + i].view();
        // iovec has no const variant; writev only reads.
        parts[i] = {const_cast<std::uint8_t*>(batch.data()), batch.size()};
        bytes += batch.size();
    }
    const ssize_t done = count == 1 ? ::write(fd, parts[0].iov_base, parts[0].iov_len)
                                    : ::writev(fd, parts.data(), static_cast<int>(count));
    require(done == static_cast<ssize_t>(bytes), "write");
}

}  // namespace

double limit_of_writes(const std::string& dir, const Batches& batches, const WriteLimit& how) {
    const NewFile file(dir + "/limit.log");
    SparseIndex index(dir, batches.size());
    const double before = cpu_seconds();
    std::int64_t position = 0;
    for (std::size_t i = 0; i < batches.size(); i += how.per_write) {
        for (std::size_t j = i; j < i + how.per_write; ++j) {
            if (how.check_crc)
                BSIM_CHECK(wire::crc_matches(batches[j].view()));
            if (how.index)
                index.add(*wire::parse_batch_header(batches[j].view()), position);
            position += static_cast<std::int64_t>(kBatchBytes);
        }
        write_whole(file.fd(), batches, i, how.per_write);
    }
    return gb_per_s(batches.size() * kBatchBytes, cpu_seconds() - before);
}

double limit_of_crc(const Batches& batches) {
    const double before = cpu_seconds();
    for (const SharedBytes& batch : batches)
        BSIM_CHECK(wire::crc_matches(batch.view()));
    return gb_per_s(batches.size() * kBatchBytes, cpu_seconds() - before);
}

double limit_of_reads(const std::string& dir, const Batches& batches, bool check_crc) {
    const NewFile file(dir + "/limit.log");
    for (std::size_t i = 0; i < batches.size(); ++i)
        write_whole(file.fd(), batches, i, 1);
    std::array<std::uint8_t, kBatchBytes> buffer{};
    const double before = cpu_seconds();
    for (std::size_t i = 0; i < batches.size(); ++i) {
        const auto at = static_cast<off_t>(i * kBatchBytes);
        const ssize_t got = ::pread(file.fd(), buffer.data(), buffer.size(), at);
        require(got == static_cast<ssize_t>(buffer.size()), "pread");
        if (check_crc)
            BSIM_CHECK(wire::crc_matches(buffer));
    }
    return gb_per_s(batches.size() * kBatchBytes, cpu_seconds() - before);
}

}  // namespace bsim::bench
