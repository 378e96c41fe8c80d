package passhash

import (
	"crypto/md5"
	"strconv"
	"strings"
	"time"
)

const (
	sunOnce  = 1300 * time.Nanosecond
	sunBasic = 4096 // rounds that are always done
)

// hamlet goes into about every other round, act 3, scene 1, with the NUL that C
// had behind it.
const hamlet = `To be, or not to be,--that is the question:--
Whether 'tis nobler in the mind to suffer
The slings and arrows of outrageous fortune
Or to take arms against a sea of troubles,
And by opposing end them?--To die,--to sleep,--
No more; and by a sleep to say we end
The heartache, and the thousand natural shocks
That flesh is heir to,--'tis a consummation
Devoutly to be wish'd. To die,--to sleep;--
To sleep! perchance to dream:--ay, there's the rub;
For in that sleep of death what dreams may come,
When we have shuffled off this mortal coil,
Must give us pause: there's the respect
That makes calamity of so long life;
For who would bear the whips and scorns of time,
The oppressor's wrong, the proud man's contumely,
The pangs of despis'd love, the law's delay,
The insolence of office, and the spurns
That patient merit of the unworthy takes,
When he himself might his quietus make
With a bare bodkin? who would these fardels bear,
To grunt and sweat under a weary life,
But that the dread of something after death,--
The undiscover'd country, from whose bourn
No traveller returns,--puzzles the will,
And makes us rather bear those ills we have
Than fly to others that we know not of?
Thus conscience does make cowards of us all;
And thus the native hue of resolution
Is sicklied o'er with the pale cast of thought;
And enterprises of great pith and moment,
With this regard, their currents turn awry,
And lose the name of action.--Soft you now!
The fair Ophelia!--Nymph, in thy orisons
Be all my sins remember'd.
` + "\x00"

// parseSunMD5 reads Solaris' $md5: an optional ,rounds=N behind the name, $, a
// salt, one or two $, and 22 letters of hash. With two, the first takes part.
func parseSunMD5(f format, rest string, limits Limits) (Hash, error) {
	var rounds int64
	params, text, found := strings.Cut(rest, "$")
	if params != "" {
		given, ok := parameters(strings.TrimPrefix(params, ","), "rounds")
		if !ok || params[0] != ',' {
			return Hash{}, malformed("$md5 has rounds that are no number")
		}
		rounds = given[0]
	}
	salt, hash, more := strings.Cut(text, "$")
	setting := f.prefix + params + "$" + salt
	if text, two := strings.CutPrefix(hash, "$"); two {
		setting, hash = setting+"$", text
	}
	if !found || !more || len(salt) > longestSalt || !inCrypt(salt) || !isDigest(hash, md5Digest, 4) {
		return Hash{}, malformed("$md5 has a salt and a hash of %d letters", md5Digest)
	}
	want := []byte(hash)
	cost := Cost{int(sunBasic + rounds), lasting(sunOnce, sunBasic+rounds), 4 << 10}
	return limits.admit(SunMD5, cost, func(password string) bool {
		sum := md5.Sum([]byte(password + setting))
		text := []byte(hamlet)
		for round := range int(sunBasic + rounds) {
			h := md5.New()
			h.Write(sum[:])
			if sunToss(&sum, uint(round)) {
				h.Write(text)
			}
			h.Write([]byte(strconv.Itoa(round)))
			h.Sum(sum[:0])
		}
		got := md5Letters(&sum)
		return equal(got[:], want)
	})
}

// sunToss throws Muffett's coin: two bytes of bits that the sum itself picks
// choose one bit each.
func sunToss(sum *[md5.Size]byte, round uint) bool {
	bit := func(n uint) byte { return sum[n%128/8] >> (n % 8) & 1 }
	pick := func(i int) byte {
		a, b := sum[i%16], sum[(i+3)%16]
		v := sum[a>>(b%5)%16]
		if b>>(a%8)&1 == 1 {
			v /= 2
		}
		return bit(uint(v))
	}
	var x, y byte
	for i := range 8 {
		x |= pick(i) << i
		y |= pick(i+8) << i
	}
	if bit(round) == 1 {
		x /= 2
	}
	if bit(round+64) == 1 {
		y /= 2
	}
	return bit(uint(x)) != bit(uint(y))
}
